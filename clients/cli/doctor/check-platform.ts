import * as z from 'zod/mini';
import { messageOf, systemCode } from '../failure.ts';
import { runningPlatform } from '../operator/platform-record.ts';
import { isFree, rememberedPort } from '../operator/ports.ts';
import { bad, good, note, type Finding } from './finding.ts';

const PATIENCE_MS = 3000;

/** Looks whether the platform answers where it should, or whether its port is free for it. */
export async function checkPlatform(state: string): Promise<Finding> {
  const running = runningPlatform(state);
  if (!running) return checkPort(rememberedPort(state, 'cloud'));
  try {
    await fetch(running.endpoint, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return good('platform', `runs at ${running.endpoint}`);
  } catch (error) {
    const why = systemCode(error) ?? messageOf(error);
    return bad(
      'platform',
      `does not answer at ${running.endpoint} (${why})`,
      'mirai down && mirai up',
    );
  }
}

async function checkPort(port: number | undefined): Promise<Finding> {
  if (port === undefined || (await isFree(port))) return note('platform', 'does not run: mirai up');
  return note(
    'platform',
    `does not run, and port ${port}, which it had, is taken: it gets another`,
  );
}

const ModelList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

export interface ModelEndpoint {
  readonly url: string;
  readonly name: string;
  readonly apiKey: string | undefined;
}

/** Looks whether the endpoint of the model answers and offers the model. */
export async function checkModel({ url, name, apiKey }: ModelEndpoint): Promise<Finding> {
  const list = `${url.replace(/\/+$/, '')}/models`;
  try {
    const answer = await fetch(list, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status === 401 || answer.status === 403)
      return bad('model', `${url} does not take the key`, 'export OPENAI_API_KEY=…');
    if (!answer.ok)
      return note('model', `${url} answers, without a list of models (${answer.status})`);
    const models = ModelList.safeParse(await answer.json());
    const isOffered = !models.success || models.data.data.some(({ id }) => id === name);
    return isOffered
      ? good('model', `${name} at ${url}`)
      : bad('model', `${url} does not offer ${name}`, 'export OPENAI_MODEL=…');
  } catch (error) {
    const why = systemCode(error) ?? messageOf(error);
    return bad(
      'model',
      `${url} cannot be reached (${why})`,
      'unset OPENAI_BASE_URL OPENAI_API_KEY',
    );
  }
}
