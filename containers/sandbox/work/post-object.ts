import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../contract.ts';

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 100;
const ATTEMPT_MS = 60_000;

/** S3 refused an upload for good, such as for its size or because the policy has expired. */
export class PostRefusedError extends Error {
  readonly status: number;
  /** S3's error code, such as `EntityTooLarge`. */
  readonly code: string;

  constructor(name: string, status: number, body: string) {
    const code = /<Code>([A-Za-z]+)<\/Code>/.exec(body)?.[1] ?? 'unknown';
    super(`S3 refused ${name} with ${status} ${code}`);
    this.name = 'PostRefusedError';
    this.status = status;
    this.code = code;
  }
}

/**
 * Uploads one object of a job by its POST policy.
 *
 * @param name what follows the job's prefix in the key
 * @returns the key
 * @throws PostRefusedError on an answer that another attempt would get too; Error after six that failed
 */
export async function postObject(
  { post, prefix }: Pick<Job, 'post' | 'prefix'>,
  name: string,
  body: Buffer | string,
  signal: AbortSignal,
): Promise<string> {
  const key = prefix + name;
  const form = new FormData();
  for (const [field, value] of Object.entries({ ...post.fields, key })) form.append(field, value);
  // S3 ignores what comes after the file.
  const bytes = typeof body === 'string' ? body : new Uint8Array(body);
  form.append('file', new Blob([bytes]), name.split('/').at(-1));
  let problem = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
    const answer = await send(post.url, form, signal);
    if ('response' in answer) {
      const { response, text } = answer;
      if (response.ok) return key;
      if (response.status < 500 && response.status !== 429)
        throw new PostRefusedError(name, response.status, text);
      problem = `S3 answered ${response.status}`;
    } else problem = answer.problem;
  }
  throw new Error(`${name} could not be uploaded: ${problem}`);
}

async function send(
  url: string,
  form: FormData,
  outer: AbortSignal,
): Promise<{ response: Response; text: string } | { problem: string }> {
  try {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(ATTEMPT_MS)]);
    const response = await fetch(url, { method: 'POST', body: form, signal, redirect: 'error' });
    return { response, text: await response.text() };
  } catch (error) {
    outer.throwIfAborted();
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
