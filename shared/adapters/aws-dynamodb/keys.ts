/** The keys of the platform's table. Every partition key starts with the tenant. */
export const keys = {
  tenant: (tenant: string) => ({ pk: `${tenant}#tenant`, sk: 'tenant' }),
  apiKey: (tenant: string, keyId: string) => ({ pk: `${tenant}#key#${keyId}`, sk: 'key' }),
  policyPartition: (tenant: string) => `${tenant}#policy`,
  currentPolicy: (tenant: string) => ({ pk: `${tenant}#policy`, sk: 'current' }),
  policyVersion: (tenant: string, version: number) => ({
    pk: `${tenant}#policy`,
    sk: `version#${padded(version, 6)}`,
  }),
  idempotency: (tenant: string, digest: string) => ({
    pk: `${tenant}#idem#${digest}`,
    sk: 'idempotency',
  }),
  task: (tenant: string, taskId: string) => ({ pk: `${tenant}#task#${taskId}`, sk: 'task' }),
  taskBody: (tenant: string, taskId: string) => ({ pk: `${tenant}#task#${taskId}`, sk: 'body' }),
  taskList: (tenant: string) => `${tenant}#tasks`,
  semaphore: (tenant: string) => ({ pk: `${tenant}#admission`, sk: 'semaphore' }),
  waitingPartition: (tenant: string) => `${tenant}#waiting`,
  waiting: (tenant: string, priority: 'high' | 'normal', taskId: string) => ({
    pk: `${tenant}#waiting`,
    sk: `${priority === 'high' ? 0 : 1}#${taskId}`,
  }),
  runPartition: (tenant: string, runId: string) => `${tenant}#run#${runId}`,
  run: (tenant: string, runId: string) => ({ pk: `${tenant}#run#${runId}`, sk: 'run' }),
  turnSk: (turn: number) => `turn#${padded(turn, 4)}`,
  actionSk: (turn: number, index: number) => `action#${padded(turn, 4)}#${padded(index, 2)}`,
  actionPrefix: (turn?: number) => (turn === undefined ? 'action#' : `action#${padded(turn, 4)}#`),
  logSk: (seq: number) => `log#${padded(seq, 8)}`,
  waitSk: (turn: number, index: number) => `wait#${padded(turn, 4)}#${padded(index, 2)}`,
  approval: (tenant: string, approvalId: string) => ({
    pk: `${tenant}#approval#${approvalId}`,
    sk: 'approval',
  }),
  approvalList: (tenant: string) => `${tenant}#approvals`,
  effect: (tenant: string, taskId: string, effectKey: string, occurrence: number) => ({
    pk: `${tenant}#effect#${taskId}`,
    sk: `${effectKey}#${padded(occurrence, 3)}`,
  }),
  artifactPartition: (tenant: string, taskId: string) => `${tenant}#artifact#${taskId}`,
  artifact: (tenant: string, taskId: string, name: string) => ({
    pk: `${tenant}#artifact#${taskId}`,
    sk: `name#${name}`,
  }),
  lease: (tenant: string, runId: string) => ({ pk: `${tenant}#sandbox#${runId}`, sk: 'lease' }),
} as const;

/** The partition of the sparse index of what `sweep` must look at. */
export const DUE = 'due';

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');
