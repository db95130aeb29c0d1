import { Action } from '#shared/domain/action/action.ts';
import { DecisionRecord } from '#shared/domain/decision/decision.ts';
import { Run, type RunRef } from '#shared/domain/run/run.ts';
import type { CommitResult, RunCommit, RunLedger, Turn } from '#shared/ports/run-ledger.ts';
import { keys } from './keys.ts';
import type { Conflict, Item, TenantTable, Write } from './tenant-table.ts';

type Name = Pick<RunRef, 'tenant' | 'run_id'>;

/** The stored form of a run: the fields that conditions speak of stand at the top level. */
export function runItem(run: Run): Item {
  const { budget, ...rest } = run;
  return {
    ...keys.run(run.ref.tenant, run.ref.run_id),
    ...rest,
    seq: run.cursor.seq,
    budget_limit: budget.limit,
    available: budget.available,
    reserved: budget.reserved,
    spent: budget.spent,
  };
}

export function runOf(item: Item): Run {
  return Run.parse({
    ...item,
    budget: {
      limit: item['budget_limit'],
      available: item['available'],
      reserved: item['reserved'],
      spent: item['spent'],
    },
  });
}

/** A run's ledger in DynamoDB: one transaction a commit, conditional on the log's sequence. */
export function dynamoRunLedger(table: TenantTable, { tenant, run_id }: Name): RunLedger {
  const partition = keys.runPartition(tenant, run_id);
  const { pk, sk } = keys.run(tenant, run_id);
  return {
    async load() {
      const item = await table.get(pk, sk);
      return item && runOf(item);
    },
    commit: (commit) => commitRun(table, { tenant, run_id }, commit),
    async turn(turn) {
      return (await table.get(partition, keys.turnSk(turn))) as Turn | undefined;
    },
    async turns() {
      return (await table.query(partition, { prefix: 'turn#' })) as unknown as Turn[];
    },
    async action(turn, index) {
      const item = await table.get(partition, keys.actionSk(turn, index));
      return item && Action.parse(item);
    },
    async actions(turn) {
      const items = await table.query(partition, { prefix: keys.actionPrefix(turn) });
      return items.map((item) => Action.parse(item));
    },
    async recordOutcome(turn, index, outcome) {
      await table.update({
        pk: partition,
        sk: keys.actionSk(turn, index),
        update:
          'SET #status = :status, ended_at = :at, cost_micros = :cost, observation = :body, observation_digest = :digest, summary = :summary',
        condition: '#status IN (:allowed, :unknown)',
        names: { '#status': 'status' },
        values: {
          ':status': outcome.status,
          ':at': outcome.ended_at,
          ':cost': outcome.cost_micros,
          ':body': outcome.observation,
          ':digest': outcome.observation_digest,
          ':summary': outcome.summary,
          ':allowed': 'ALLOWED',
          ':unknown': 'UNKNOWN',
        },
      });
    },
    async decisions(after, limit) {
      const from = after < 0 ? 'log#' : keys.logSk(after);
      const items = await table.query(partition, { after: from, limit });
      return items
        .filter((item) => String(item['sk']).startsWith('log#'))
        .map((item) => DecisionRecord.parse(item));
    },
  };
}

async function commitRun(table: TenantTable, name: Name, commit: RunCommit): Promise<CommitResult> {
  const { tenant, run_id } = name;
  const partition = keys.runPartition(tenant, run_id);
  const writes: Write[] = [
    runUpdate(name, commit),
    ...policyCheck(tenant, commit.policyVersion),
    ...commit.records.map((record) => ({
      put: { pk: partition, sk: keys.logSk(record.seq), ...record },
    })),
    ...(commit.actions ?? []).map((action) => ({
      put: { pk: partition, sk: keys.actionSk(action.turn, action.index), ...action },
    })),
    ...(commit.turn
      ? [{ put: { pk: partition, sk: keys.turnSk(commit.turn.turn), ...commit.turn } }]
      : []),
  ];
  const conflicts = await table.transact(writes);
  if (!conflicts) return { kind: 'committed' };
  const [runConflict] = conflicts;
  if (!runConflict) return { kind: 'policy_moved' };
  return whyNot(runConflict, commit);
}

function whyNot({ item }: Conflict, commit: RunCommit): CommitResult {
  if (!item) throw new Error('the run does not exist');
  const run = runOf(item);
  if (run.last_seq === commit.from.seq && run.last_output !== null) {
    return { kind: 'replayed', output: run.last_output };
  }
  if (run.cursor.seq !== commit.from.seq) return { kind: 'superseded', run };
  if (run.status !== 'RUNNING' && run.status !== 'WAITING') return { kind: 'superseded', run };
  if (run.cancel_requested_at !== null) return { kind: 'cancelled', run };
  return { kind: 'over_budget', run };
}

function runUpdate({ tenant, run_id }: Name, commit: RunCommit): Write {
  const { release, spend, reserve } = commit.budget;
  const sets = [
    'seq = :to',
    'last_seq = :from',
    'last_output = :output',
    '#cursor = :cursor',
    '#status = :status',
    'waiting_for = :waiting',
    'available = available + :available',
    'reserved = reserved + :reserved',
    'spent = spent + :spent',
    ...(commit.outcome ? ['outcome = :outcome', 'ended_at = :ended'] : []),
  ];
  const last = commit.records.at(-1);
  return {
    ...keys.run(tenant, run_id),
    update: `SET ${sets.join(', ')}`,
    condition: [
      'seq = :from',
      '#status IN (:running, :parked)',
      ...(commit.evenIfCancelled ? [] : ['cancel_requested_at = :none']),
      ...(reserve > 0 ? ['available >= :needed'] : []),
    ].join(' AND '),
    names: { '#status': 'status', '#cursor': 'cursor' },
    values: {
      ':from': commit.from.seq,
      ':to': commit.to.seq,
      ':cursor': commit.to,
      ':status': commit.status,
      ':waiting': commit.waitingFor ?? [],
      ':output': commit.output,
      ':available': release - spend - reserve,
      ':reserved': reserve - release,
      ':spent': spend,
      ':running': 'RUNNING',
      ':parked': 'WAITING',
      ...(commit.evenIfCancelled ? {} : { ':none': null }),
      ...(reserve > 0 ? { ':needed': reserve - release + spend } : {}),
      ...(commit.outcome ? { ':outcome': commit.outcome, ':ended': last?.at ?? null } : {}),
    },
  };
}

function policyCheck(tenant: string, version: number | undefined): Write[] {
  if (version === undefined) return [];
  return [
    {
      check: {
        ...keys.currentPolicy(tenant),
        condition: 'version = :version',
        values: { ':version': version },
      },
    },
  ];
}
