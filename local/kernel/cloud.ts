import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { AwsError, notServed } from './aws-error.ts';
import { Children } from './children.ts';
import type { Database } from './database.ts';
import { Faults } from './faults.ts';
import { Journal } from './journal.ts';
import type { Call, IamRequest, Principal, ResourceProvider, Service } from './service.ts';

/** Decides whether a principal may do something; throws AccessDenied when not. */
export interface Authorizer {
  /** @returns the statement that allowed it, for the journal */
  check(principal: Principal, request: IamRequest, cloud: Cloud): string;
}

/** Temporary credentials of a role session. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Makes credentials for a role that a service assumes for its work (a function, an ECS task). */
export type IssueCredentials = (session: {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly seconds: number;
}) => Credentials;

/** What an AWS service tells the default event bus about itself. */
export interface ServiceEvent {
  /** Such as `aws.states`. */
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface CloudOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  /** The folder that holds all state, such as `.mirai/`. */
  readonly stateFolder: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '000000000000' */
  readonly account?: string;
  readonly faults?: Faults;
}

export interface CallRequest {
  readonly service: string;
  readonly action: string;
  readonly input: unknown;
  readonly principal: Principal;
  readonly signal?: AbortSignal;
  /** Size of the request on the wire, for the journal. */
  readonly bytes?: number;
}

const NEVER = new AbortController().signal;

/**
 * The local cloud: its services, the one pipeline through which every call goes (authorise, run,
 * journal), and the wake-ups that spare it polling.
 */
export class Cloud {
  readonly database: Database;
  readonly faults: Faults;
  readonly region: string;
  readonly account: string;
  readonly stateFolder: string;
  readonly journal: Journal;
  /** Set by the front door once it listens: `http://127.0.0.1:<port>`. */
  endpoint = '';
  /** Set by the EventBridge service; synchronous, so that it joins the producer's transaction. */
  publishEvent: (event: ServiceEvent) => void = () => undefined;
  /** Set by the STS service. */
  issueCredentials: IssueCredentials = () => {
    throw notServed('credentials without the STS service');
  };
  readonly children: Children;
  readonly #authorizer: Authorizer;
  readonly #services = new Map<string, Service>();
  readonly #wakeUps = new EventEmitter().setMaxListeners(0);

  constructor(options: CloudOptions) {
    this.database = options.database;
    this.faults = options.faults ?? new Faults();
    this.region = options.region ?? 'us-east-1';
    this.account = options.account ?? '000000000000';
    this.stateFolder = options.stateFolder;
    this.#authorizer = options.authorizer;
    this.journal = new Journal(this.database);
    this.children = new Children(this.database);
  }

  register(service: Service): void {
    this.#services.set(service.name, service);
  }

  service(name: string): Service {
    const service = this.#services.get(name);
    if (!service) throw notServed(`the service ${name}`);
    return service;
  }

  get services(): readonly Service[] {
    return [...this.#services.values()];
  }

  providers(): ReadonlyMap<string, ResourceProvider> {
    return new Map(this.services.flatMap((s) => (s.resources ?? []).map((r) => [r.type, r])));
  }

  /** Milliseconds since the epoch on the services' clock. */
  now(): number {
    return Date.now() + (this.faults.settings.clockSkewMs ?? 0);
  }

  /** `arn:aws:<service>:<region>:<account>:<resource>` */
  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${this.account}:${resource}`;
  }

  /**
   * Does one API call for a principal, as the wire would: judged, run, journalled.
   *
   * @throws AwsError as the service answers it
   */
  async call<Output = unknown>(request: CallRequest): Promise<Output> {
    const service = this.service(request.service);
    const action = service.actions[request.action];
    if (!action) throw notServed(`${request.service}:${request.action}`);
    const call: Call = {
      cloud: this,
      principal: request.principal,
      requestId: randomUUID(),
      signal: request.signal ?? NEVER,
    };
    const entry = this.journal.entry(request);
    const judge = () => {
      for (const need of action.authorize(request.input, call)) {
        entry.judged(need, this.#check(request.principal, need, entry));
      }
    };
    return this.journal.around(entry, action.reads === true, judge, () =>
      action.run(request.input, call),
    ) as Promise<Output>;
  }

  /** Wakes whoever waits for `topic`, once the present transaction is over. */
  wake(topic: string): void {
    setImmediate(() => this.#wakeUps.emit(topic));
  }

  /** Calls `listener` on each wake-up of `topic`; the answer ends the subscription. */
  onWake(topic: string, listener: () => void): () => void {
    this.#wakeUps.on(topic, listener);
    return () => this.#wakeUps.off(topic, listener);
  }

  async start(): Promise<void> {
    this.children.endLeftovers();
    for (const service of this.services) await service.start?.();
  }

  async stop(): Promise<void> {
    for (const service of this.services.toReversed()) await service.stop?.();
    this.children.endAll();
    this.journal.flush();
  }

  #check(
    principal: Principal,
    need: IamRequest,
    entry: { denied(need: IamRequest): void },
  ): string {
    try {
      return this.#authorizer.check(principal, need, this);
    } catch (error) {
      if (error instanceof AwsError) entry.denied(need);
      throw error;
    }
  }
}
