import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod/mini';
import { ApprovalList, ApprovalView, type DecideApproval } from '#shared/api/approvals.ts';
import { DecisionList } from '#shared/api/decisions.ts';
import { ArtifactContent, ArtifactList, RunView, TaskList, TaskView } from '#shared/api/tasks.ts';
import { messageOf, systemCode } from '../failure.ts';
import { NotRunning, type Connection } from './connection.ts';
import { ProblemError, problemIn } from './problem.ts';

/** How long a refused connection is tried again: a platform that restarts is back within it. */
const PATIENCE_MS = 3000;
const REQUEST_MS = 35_000;

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTPS API as functions; every answer is checked against its contract. */
export class ApiClient {
  readonly #connection: Connection;
  readonly #patienceMs: number;

  /** @param patienceMs how long a platform that does not answer is waited for, in milliseconds */
  constructor(connection: Connection, patienceMs = PATIENCE_MS) {
    this.#connection = connection;
    this.#patienceMs = patienceMs;
  }

  /** A repeat with the same Idempotency-Key is the same task, so a broken connection is tried again. */
  submitTask(body: unknown, idempotencyKey: string = randomUUID()): Promise<TaskView> {
    const headers = { 'idempotency-key': idempotencyKey };
    return this.#call({ method: 'POST', path: '/v1/tasks', body, headers }, TaskView);
  }

  getTask(id: string): Promise<TaskView> {
    return this.#call(get(`/v1/tasks/${encodeURIComponent(id)}`), TaskView);
  }

  listTasks(limit: number): Promise<z.infer<typeof TaskList>> {
    return this.#call(get(`/v1/tasks?limit=${limit}`), TaskList);
  }

  cancelTask(id: string): Promise<TaskView> {
    return this.#call(post(`/v1/tasks/${encodeURIComponent(id)}/cancel`), TaskView);
  }

  redriveTask(id: string): Promise<TaskView> {
    return this.#call(post(`/v1/tasks/${encodeURIComponent(id)}/redrive`), TaskView);
  }

  listArtifacts(taskId: string): Promise<z.infer<typeof ArtifactList>> {
    return this.#call(get(`/v1/tasks/${encodeURIComponent(taskId)}/artifacts`), ArtifactList);
  }

  getArtifact(taskId: string, name: string): Promise<z.infer<typeof ArtifactContent>> {
    const path = `/v1/tasks/${encodeURIComponent(taskId)}/artifacts/${encodeURIComponent(name)}`;
    return this.#call(get(path), ArtifactContent);
  }

  getRun(id: string): Promise<RunView> {
    return this.#call(get(`/v1/runs/${encodeURIComponent(id)}`), RunView);
  }

  /** The whole decision log of a run, page after page. */
  async listDecisions(runId: string): Promise<z.infer<typeof DecisionList>['items']> {
    const path = `/v1/runs/${encodeURIComponent(runId)}/decisions`;
    const items: z.infer<typeof DecisionList>['items'] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await this.#call(get(`${path}?limit=100${query}`), DecisionList);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return items;
  }

  listApprovals(limit: number): Promise<z.infer<typeof ApprovalList>> {
    return this.#call(get(`/v1/approvals?limit=${limit}`), ApprovalList);
  }

  getApproval(id: string): Promise<ApprovalView> {
    return this.#call(get(`/v1/approvals/${encodeURIComponent(id)}`), ApprovalView);
  }

  decideApproval(id: string, decision: DecideApproval): Promise<ApprovalView> {
    const path = `/v1/approvals/${encodeURIComponent(id)}/decide`;
    return this.#call({ ...post(path), body: decision }, ApprovalView);
  }

  async #call<Schema extends z.ZodMiniType>(
    request: Request,
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    const response = await this.#send(request);
    const text = await response.text();
    const body = parseBody(text);
    const traceId = response.headers.get('x-trace-id') ?? '';
    if (!response.ok) throw new ProblemError(problemIn(response.status, body, traceId));
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const detail = `The answer to ${request.method} ${request.path} is not as agreed: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`;
    throw new ProblemError({ ...problemIn(response.status, null, traceId), detail });
  }

  async #send(request: Request): Promise<Response> {
    const { url, apiKey } = this.#connection;
    const isRepeatable = request.method === 'GET' || request.headers?.['idempotency-key'];
    const deadline = Date.now() + this.#patienceMs;
    for (let pause = 50; ; pause *= 2) {
      try {
        return await fetch(url + request.path, {
          method: request.method,
          headers: {
            authorization: `Bearer ${apiKey}`,
            ...(request.body !== undefined && { 'content-type': 'application/json' }),
            ...request.headers,
          },
          ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
          signal: AbortSignal.timeout(REQUEST_MS),
        });
      } catch (error) {
        const code = systemCode(error);
        const isWorthIt = code === 'ECONNREFUSED' || (isRepeatable && code !== undefined);
        if (isWorthIt && Date.now() + pause < deadline) await sleep(pause);
        else throw code === 'ECONNREFUSED' ? new NotRunning() : unreachable(url, error);
      }
    }
  }
}

const get = (path: string): Request => ({ method: 'GET', path });
const post = (path: string): Request => ({ method: 'POST', path });

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function unreachable(url: string, cause: unknown): Error {
  const reason = systemCode(cause) ?? messageOf(cause);
  return new Error(`${url} cannot be reached (${reason})`, { cause });
}
