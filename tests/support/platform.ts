import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { synthesize } from '../../scripts/synth.ts';

/** How a test sees the API: parsed body, status and headers. */
export interface Answer<Body = any> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

export interface PlatformOptions {
  readonly stateFolder?: string;
  readonly modelUrl?: string;
  readonly modelName?: string;
  /** Such as `latencyMs=20`. */
  readonly faults?: readonly string[];
}

export interface TenantKeys {
  readonly owner: string;
  readonly approver: string;
  readonly agent: string;
}

const root = join(import.meta.dirname, '..', '..');

/** The whole platform on the local cloud, in a process of its own, on free ports. */
export class Platform {
  readonly stateFolder: string;
  readonly #options: PlatformOptions;
  #process: ChildProcess | undefined;
  #log = '';
  api = '';
  endpoint = '';
  readonly keys: Record<string, TenantKeys> = {};

  constructor(options: PlatformOptions = {}) {
    this.#options = options;
    this.stateFolder = options.stateFolder ?? mkdtempSync(join(tmpdir(), 'mirai-platform-'));
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get log(): string {
    return this.#log;
  }

  /** Starts the local cloud, on the state that an earlier start left. */
  async start(): Promise<this> {
    await synthesize();
    const {
      modelUrl = 'http://127.0.0.1:9/v1',
      modelName = 'mirai-tour',
      faults = [],
    } = this.#options;
    const parameters = {
      SandboxBox: 'bubblewrap',
      MailFrom: 'mirai@acme.example',
      ModelBaseUrl: modelUrl,
      ModelName: modelName,
    };
    const child = spawn(
      process.execPath,
      [
        'local/main.ts',
        '--assembly',
        'cdk.out',
        '--state',
        this.stateFolder,
        '--parameters',
        JSON.stringify(parameters),
        ...faults.flatMap((fault) => ['--fault', fault]),
      ],
      { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    this.#process = child;
    child.stderr.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
        if (chunk.includes('"ready":true')) resolve();
      });
      child.once('exit', (code) =>
        reject(new Error(`the local cloud ended with ${code}: ${this.#log}`)),
      );
    });
    const { endpoint, outputs } = this.#runtime();
    this.endpoint = endpoint;
    this.api = (outputs['ApiUrl'] ?? '').replace(/\/$/, '');
    return this;
  }

  #runtime(): { endpoint: string; outputs: Record<string, string> } {
    return JSON.parse(readFileSync(join(this.stateFolder, 'runtime.json'), 'utf8'));
  }

  /** What an AWS SDK client of the account's root needs. */
  get root() {
    const credentials = JSON.parse(
      readFileSync(join(this.stateFolder, 'credentials.json'), 'utf8'),
    );
    return { endpoint: this.endpoint, region: 'us-east-1', credentials, maxAttempts: 2 };
  }

  get outputs(): Record<string, string> {
    return this.#runtime().outputs;
  }

  /** Calls a function as the account's root. @throws Error with what the function failed by */
  async invoke(functionName: string, payload: unknown): Promise<unknown> {
    const lambda = new LambdaClient(this.root);
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        Payload: Buffer.from(JSON.stringify(payload)),
      }),
    );
    const text = Buffer.from(Payload ?? []).toString();
    if (FunctionError) throw new Error(text);
    return JSON.parse(text);
  }

  /** Makes a tenant with an owner's, an approver's and an agent's key. */
  async tenant(name: string, more: Record<string, unknown> = {}): Promise<TenantKeys> {
    const { keys } = (await this.invoke(this.outputs['ProvisionTenantFunctionName'] ?? '', {
      tenant: name,
      name,
      contacts: { finance: `finance@${name}.example` },
      keys: [
        { principal: 'user:olivia', role: 'owner' },
        { principal: 'user:amir', role: 'approver' },
        { principal: 'agent:bot', role: 'admin' },
      ],
      ...more,
    })) as { keys: { api_key: string }[] };
    const [owner = '', approver = '', agent = ''] = keys.map(({ api_key }) => api_key);
    this.keys[name] = { owner, approver, agent };
    return { owner, approver, agent };
  }

  async call(
    key: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? undefined : JSON.parse(text),
      headers: response.headers,
    };
  }

  async submit(key: string, body: unknown, headers?: Record<string, string>): Promise<string> {
    const answer = await this.call(key, 'POST', '/v1/tasks', body, headers);
    if (answer.status !== 202) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body.task_id as string;
  }

  /** Asks for a task until a predicate holds. @throws Error with the last answer when it never does */
  async until(
    key: string,
    taskId: string,
    holds: (task: any) => boolean,
    seconds = 30,
    everyMs = 50,
  ): Promise<any> {
    const end = Date.now() + seconds * 1000;
    let last: any;
    while (Date.now() < end) {
      last = (await this.call(key, 'GET', `/v1/tasks/${taskId}`)).body;
      if (holds(last)) return last;
      await sleep(everyMs);
    }
    throw new Error(
      `the task did not come so far: ${JSON.stringify(last, null, 1)}\n${this.#log.slice(-4000)}`,
    );
  }

  ended = (key: string, taskId: string, seconds?: number): Promise<any> =>
    this.until(
      key,
      taskId,
      ({ status }) => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status),
      seconds,
    );

  waiting = (key: string, taskId: string, seconds?: number): Promise<any> =>
    this.until(
      key,
      taskId,
      ({ status, run }) => status === 'WAITING' && run.waiting_for.approval_ids.length > 0,
      seconds,
    );

  /** Answers the first pending approval of a waiting task, once it is stored. */
  async decide(
    key: string,
    task: any,
    answer: 'granted' | 'refused',
    comment?: string,
  ): Promise<Answer> {
    const [id] = task.run.waiting_for.approval_ids as string[];
    for (;;) {
      const path = `/v1/approvals/${id}/decide`;
      const answered = await this.call(key, 'POST', path, {
        answer,
        ...(comment ? { comment } : {}),
      });
      if (answered.status !== 404) return answered;
      await sleep(30);
    }
  }

  async mails(): Promise<any[]> {
    const answer: unknown = await (await fetch(`${this.endpoint}/_local/mailbox.json`)).json();
    return Array.isArray(answer) ? answer : (answer as { mails: any[] }).mails;
  }

  /** Reads the state as an observer from outside. */
  query<Row = any>(sql: string): Row[] {
    const database = new DatabaseSync(join(this.stateFolder, 'state.db'), { readOnly: true });
    try {
      return database.prepare(sql).all() as Row[];
    } finally {
      database.close();
    }
  }

  /** Kills the supervisor as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child?.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await Promise.race([gone, sleep(5000).then(() => child.kill('SIGKILL'))]);
      await gone;
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.stateFolder, { recursive: true, force: true });
  }
}
