import type { FunctionName } from './function-names.ts';

/** Keys of one DynamoDB action: partition keys after the tenant; `*` at the end takes any id. */
export interface DataRole {
  readonly usedBy: readonly FunctionName[];
  readonly get?: readonly string[];
  readonly query?: readonly string[];
  readonly put?: readonly string[];
  readonly update?: readonly string[];
  readonly delete?: readonly string[];
  readonly check?: readonly string[];
  /** Partitions of the index `list`. */
  readonly list?: readonly string[];
  /** Prefixes in the bucket of artifacts, after the tenant. */
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  /** True for the one that works on sandbox mailboxes. */
  readonly mailbox?: boolean;
}

/**
 * Role × action × key: what may be done with a tenant's data, by whoever holds a session of the role
 * that is tagged with that tenant. A test holds it against the calls of a full run.
 */
export const DATA_ROLES = {
  keys: { usedBy: ['authorize-request'], get: ['key#*'] },
  accept: {
    usedBy: ['accept-task'],
    get: ['task#*'],
    put: ['task#*', 'idem#*', 'artifact#*'],
    update: ['task#*'],
    write: ['artifacts'],
  },
  start: {
    usedBy: ['start-run'],
    get: ['task#*', 'run#*', 'tenant', 'policy', 'admission'],
    put: ['run#*', 'waiting'],
    update: ['task#*', 'admission'],
    delete: ['waiting'],
  },
  tasks: {
    usedBy: ['serve-tasks'],
    get: ['task#*', 'run#*', 'sandbox#*', 'approval#*'],
    query: ['run#*', 'artifact#*'],
    update: ['task#*', 'run#*', 'approval#*'],
    list: ['tasks'],
    read: ['artifacts'],
  },
  approvals: {
    usedBy: ['ask-approval', 'serve-approvals'],
    get: ['approval#*', 'run#*'],
    put: ['approval#*', 'run#*'],
    update: ['approval#*'],
    list: ['approvals'],
  },
  choose: {
    usedBy: ['choose-actions'],
    get: ['task#*', 'run#*', 'tenant'],
    query: ['run#*', 'artifact#*'],
    put: ['run#*'],
    update: ['run#*'],
    read: ['observations'],
    write: ['transcripts'],
  },
  judge: {
    usedBy: ['judge-actions'],
    get: ['task#*', 'run#*', 'policy', 'approval#*', 'artifact#*', 'effect#*'],
    query: ['run#*'],
    put: ['run#*'],
    update: ['run#*'],
    check: ['policy'],
    read: ['observations'],
  },
  execute: {
    usedBy: ['carry-out-action', 'record-mail-event'],
    get: ['run#*', 'artifact#*', 'effect#*'],
    query: ['artifact#*'],
    put: ['artifact#*', 'effect#*'],
    update: ['run#*', 'effect#*'],
    read: ['artifacts'],
    write: ['artifacts', 'observations'],
  },
  sandbox: {
    usedBy: ['start-sandbox-job', 'finish-sandbox-job'],
    get: ['run#*', 'artifact#*', 'sandbox#*'],
    query: ['run#*', 'sandbox#*'],
    put: ['run#*', 'artifact#*', 'sandbox#*'],
    update: ['run#*', 'sandbox#*'],
    read: ['artifacts'],
    write: ['artifacts', 'observations'],
    mailbox: true,
  },
  finish: {
    usedBy: ['finish-run', 'sweep'],
    get: ['task#*', 'run#*', 'sandbox#*', 'approval#*'],
    query: ['run#*', 'waiting'],
    put: ['run#*'],
    update: ['task#*', 'run#*', 'admission', 'approval#*', 'waiting'],
  },
  admin: { usedBy: ['provision-tenant'], put: ['tenant', 'key#*', 'policy'] },
} as const satisfies Record<string, DataRole>;

export type DataRoleName = keyof typeof DATA_ROLES;
