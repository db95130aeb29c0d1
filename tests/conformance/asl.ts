import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ENDINGS, type HistoryEvent } from '#local/workflow/history.ts';
import { Data, type Json } from '#local/workflow/json.ts';
import { diagnose } from '#local/workflow/validation/diagnose.ts';
import { refusals } from '#local/workflow/validation/refusals.ts';
import { runInMemory, type Launch } from '#tests/support/virtual-host.ts';

/** A recorded execution. */
interface ExecutionRow {
  readonly name: string;
  readonly type?: string;
  readonly definition: Json;
  readonly input: Json;
  readonly status: string;
  readonly kind?: string;
  readonly query_language?: string;
  readonly expected_output?: Json;
  readonly expected_error?: { error?: Json; cause?: Json };
  readonly placeholders?: readonly string[];
  readonly task_mocks?: readonly TaskMock[];
}

interface TaskMock {
  readonly state: string;
  readonly result?: Json;
  readonly submit_result?: Json;
  readonly error?: string | null;
  readonly cause?: Json;
  readonly outcome?: string;
}

/** A definition with the verdict of AWS or of a linter. */
interface ValidationRow {
  readonly name: string;
  readonly definition_text: string;
  readonly valid: boolean;
  readonly group?: string;
  readonly format?: string;
  readonly type?: string | null;
  readonly has_cfn_substitutions?: boolean;
}

interface Verdict {
  readonly area: string;
  readonly queryLanguage: string;
  readonly name: string;
  /** Why it failed; undefined when it passed. */
  readonly problem: string | undefined;
}

export interface AreaResult {
  readonly area: string;
  readonly queryLanguage: string;
  readonly passed: number;
  readonly failed: number;
}

/** Runs every row of every `*.jsonl` of a folder that tells of a state machine, whatever its file is called. */
export async function run(
  dataFolder: string,
): Promise<{ rows: AreaResult[]; passed: number; failed: number; failures: string[] }> {
  const verdicts: Verdict[] = [];
  for (const file of (await readdir(dataFolder)).sort()) {
    if (!file.endsWith('.jsonl')) continue;
    for (const line of (await readFile(join(dataFolder, file), 'utf8')).split('\n')) {
      if (line.trim() === '') continue;
      const verdict = await judge(JSON.parse(line) as unknown);
      if (verdict) verdicts.push(verdict);
    }
  }
  return summary(verdicts);
}

async function judge(row: unknown): Promise<Verdict | undefined> {
  const shape = row as Partial<ExecutionRow & ValidationRow>;
  if (shape.definition_text !== undefined) return judgeValidation(shape as ValidationRow);
  if (shape.definition !== undefined && shape.status !== undefined)
    return judgeExecution(shape as ExecutionRow);
  return undefined;
}

async function judgeExecution(row: ExecutionRow): Promise<Verdict> {
  const kind = row.kind === undefined || row.kind === 'pure' ? 'pure' : 'tasks';
  return {
    area: `${row.name.split('/')[0]} (${kind})`,
    queryLanguage: row.query_language ?? 'JSONPath',
    name: row.name,
    problem: await executionProblem(row),
  };
}

async function executionProblem(row: ExecutionRow): Promise<string | undefined> {
  if (row.type === 'EXPRESS') return 'refused: EXPRESS state machines';
  const refused = refusals(row.definition)[0];
  if (refused) return `refused: ${refused}`;
  const { last, finished } = await runInMemory(
    row.definition,
    row.input,
    mocked(row.task_mocks ?? []),
  );
  if (!finished || !last) return 'never ended';
  const status = ENDINGS[last.type];
  if (status !== row.status)
    return `${status} instead of ${row.status}: ${JSON.stringify(last.details)}`;
  return (row.placeholders ?? []).length > 0 ? undefined : difference(row, last);
}

function difference(row: ExecutionRow, last: HistoryEvent): string | undefined {
  if (row.status === 'SUCCEEDED') {
    const output = last.data?.value ?? null;
    return same(output, row.expected_output ?? null)
      ? undefined
      : `output ${JSON.stringify(output)}, expected ${JSON.stringify(row.expected_output)}`;
  }
  const { error = null, cause = null } = (last.details ?? {}) as { error?: string; cause?: string };
  const expected = row.expected_error;
  const alike =
    error === (expected?.error ?? null) &&
    same(parsedCause(cause), parsedCause(expected?.cause ?? null));
  return alike ? undefined : `failed with ${error}: ${cause}, expected ${JSON.stringify(expected)}`;
}

/** A cause that is JSON is compared as JSON: the recordings hold it parsed. */
function parsedCause(cause: Json): Json {
  if (typeof cause !== 'string' || !cause.startsWith('{')) return cause;
  try {
    return JSON.parse(cause) as Json;
  } catch {
    return cause;
  }
}

const same = (a: Json, b: Json): boolean => isDeepStrictEqual(a, b);

/** Answers the tasks of each state with its recorded answers, in their order. */
function mocked(mocks: readonly TaskMock[]): Launch {
  const waiting = [...mocks];
  return (execution, call) => {
    const state = execution.progress.threads.get(call.thread)?.stateName;
    const index = waiting.findIndex((mock) => mock.state === state);
    const mock = waiting[index];
    if (!mock) return;
    waiting.splice(index, 1);
    const settle = (outcome: Parameters<typeof execution.settle>[2]) =>
      execution.settle(call.thread, call.task.seq, outcome);
    queueMicrotask(() => {
      if (mock.submit_result !== undefined)
        settle({ kind: 'submitted', output: Data.of(mock.submit_result) });
      if (mock.outcome?.endsWith('TimedOut')) return;
      if (mock.outcome === undefined || mock.result !== undefined) {
        settle({ kind: 'succeeded', output: Data.of(mock.result ?? null) });
        return;
      }
      const cause =
        typeof mock.cause === 'string' || mock.cause == null
          ? mock.cause
          : JSON.stringify(mock.cause);
      settle({
        kind: 'failed',
        ...(mock.error == null ? {} : { error: mock.error }),
        ...(cause == null ? {} : { cause }),
      });
    });
  };
}

async function judgeValidation(row: ValidationRow): Promise<Verdict> {
  const text = row.format === 'yaml' ? await yamlAsJson(row.definition_text) : row.definition_text;
  const type = row.type === 'EXPRESS' ? 'EXPRESS' : 'STANDARD';
  const problems = diagnose(text, { type });
  const valid = problems.length === 0;
  return {
    area: `validation ${row.group ?? (row.valid ? 'accepts' : 'rejects')}`,
    queryLanguage: '-',
    name: row.name,
    problem:
      valid === row.valid
        ? undefined
        : valid
          ? 'accepted'
          : `rejected: ${problems[0]?.message} at ${problems[0]?.location}`,
  };
}

async function yamlAsJson(text: string): Promise<string> {
  const { parse } = await import('yaml');
  return JSON.stringify(parse(text));
}

function summary(verdicts: readonly Verdict[]) {
  const areas = new Map<
    string,
    { area: string; queryLanguage: string; passed: number; failed: number }
  >();
  for (const { area, queryLanguage, problem } of verdicts) {
    const key = `${area}|${queryLanguage}`;
    const row = areas.get(key) ?? { area, queryLanguage, passed: 0, failed: 0 };
    if (problem === undefined) row.passed += 1;
    else row.failed += 1;
    areas.set(key, row);
  }
  const failures = verdicts.filter((v) => v.problem !== undefined);
  return {
    rows: [...areas.values()].sort((a, b) => a.area.localeCompare(b.area)),
    passed: verdicts.length - failures.length,
    failed: failures.length,
    failures: failures.map(({ name, problem }) => `${name}: ${problem}`),
  };
}
