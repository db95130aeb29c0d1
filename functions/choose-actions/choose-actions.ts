import type { Action } from '#shared/domain/action/action.ts';
import type { Artifact } from '#shared/domain/artifact/artifact.ts';
import { costOf, priceOf, type ModelPrice } from '#shared/domain/budget/price-book.ts';
import { digestOf } from '#shared/domain/canonical/canonical.ts';
import { LedgerEntry } from '#shared/domain/run/ledger-entry.ts';
import type { Cursor, RunOutcome, RunRef } from '#shared/domain/run/run.ts';
import type { TaskBody } from '#shared/domain/task/task.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { isoTime, type Clock, type IdSource } from '#shared/ports/clock.ts';
import type { LanguageModel, ModelAnswer, ModelMessage } from '#shared/ports/language-model.ts';
import type { ObservationStore } from '#shared/ports/observation-store.ts';
import type { CommitResult, RunCommit, RunLedger } from '#shared/ports/run-ledger.ts';
import { toolNamed } from '#shared/tools/index.ts';
import type { Input, Output } from './contract.ts';
import { conversation, modelTools, NO_OBSERVATION } from './conversation.ts';
import { failureOf, overBudget, tokensExceeded, unpriced } from './ends.ts';
import { turnOf } from './turn-of.ts';

export interface ChooseActionsDeps {
  readonly ledger: RunLedger;
  readonly readBody: () => Promise<TaskBody>;
  readonly files: () => Promise<readonly Artifact[]>;
  readonly contacts: () => Promise<Readonly<Record<string, string>>>;
  readonly observations: Pick<ObservationStore, 'get'>;
  readonly keepTranscript: (turn: number, transcript: unknown) => Promise<void>;
  readonly model: () => Promise<LanguageModel>;
  readonly now: Clock;
  readonly nextId: IdSource;
}

/** Room for a whole program or a long mail in one answer; a program of 400 lines has about 6,000. */
const MAX_OUTPUT_TOKENS = 16_384;
/** A token has at least this many characters; the reservation assumes the worst. */
const CHARS_PER_TOKEN = 2;
const CANCEL_POLL_MS = 500;

/** Where the first commit of a turn leaves the run: the reservation is made, the model not asked yet. */
interface Reserved {
  readonly cursor: Cursor;
  readonly reserved: number;
}

/**
 * Asks the model what to do next. Before: records how the last actions ended and reserves the worst
 * case of the call. After: settles, and stores what the model chose, which is then judged.
 *
 * @throws AppError `run.superseded`
 */
export async function chooseActions(input: Input, deps: ChooseActionsDeps): Promise<Output> {
  // Whether a crashed action reached the world is for the judge to find out first.
  if (input.outcomes.some(({ status }) => status === 'crashed' || status === 'unknown')) {
    return { cursor: input.cursor, outcomes: input.outcomes };
  }
  const model = await deps.model();
  const price = priceOf(model.name);
  const messages = await readConversation(input.run, deps);
  const begun = await begin(input, deps, model.name, price, messages);
  if (begun.kind === 'ended') return { cursor: begun.cursor, outcomes: begun.outcomes };
  const { cursor, reserved } = begun.state;
  const answer = await askUnlessCancelled(model, messages, deps.ledger);
  return conclude(input.run, deps, {
    cursor,
    reserved,
    model: model.name,
    price,
    messages,
    answer,
  });
}

async function readConversation(run: RunRef, deps: ChooseActionsDeps): Promise<ModelMessage[]> {
  const [body, turns, actions, files, contacts] = await Promise.all([
    deps.readBody(),
    deps.ledger.turns(),
    deps.ledger.actions(),
    deps.files(),
    deps.contacts(),
  ]);
  const bodies = new Map<string, string>();
  for (const action of actions) {
    bodies.set(`${action.turn} ${action.index}`, await observationBody(run, action, deps));
  }
  return conversation(
    { words: body.words ?? '', files, contacts, today: isoTime(deps.now()).slice(0, 10) },
    turns,
    (turn, index) => bodies.get(`${turn} ${index}`) ?? NO_OBSERVATION,
  );
}

async function observationBody(
  run: RunRef,
  action: Action,
  deps: ChooseActionsDeps,
): Promise<string> {
  if (action.observation !== null) return action.observation;
  if (action.observation_digest === null) return NO_OBSERVATION;
  return deps.observations.get(run.run_id, action.observation_digest);
}

type Begun =
  | { readonly kind: 'reserved'; readonly state: Reserved }
  | { readonly kind: 'ended'; readonly cursor: Cursor; readonly outcomes: Output['outcomes'] };

/** First commit: outcomes of the last turn, and the reservation. */
async function begin(
  input: Input,
  deps: ChooseActionsDeps,
  model: string,
  price: ModelPrice | undefined,
  messages: readonly ModelMessage[],
): Promise<Begun> {
  const entry = new LedgerEntry(input.run, input.cursor, isoTime(deps.now()));
  for (const open of input.cursor.open) {
    const outcome = input.outcomes.find(({ index }) => index === open.index);
    const tool = toolNamed(open.tool);
    const hasEffect = tool?.effect === 'writes' || tool?.effect === 'external';
    if (outcome) entry.observe(open, outcome, hasEffect);
    else entry.settle(open.reserved, open.reserved);
  }
  const turn = input.cursor.turn + (input.cursor.open.length > 0 ? 1 : 0);
  if (!price) return stop(deps, entry, turn, unpriced(model));
  const chars = JSON.stringify(messages).length + JSON.stringify(modelTools()).length;
  const inputTokens = Math.ceil(chars / CHARS_PER_TOKEN);
  if (input.cursor.tokens + inputTokens > input.run.limits.tokens) {
    return stop(deps, entry, turn, tokensExceeded(input.run.limits.tokens));
  }
  const reserved = costOf(price, { input: inputTokens, output: MAX_OUTPUT_TOKENS });
  entry.reserve(reserved);
  // A record marks the step even when nothing ended, so that the sequence moves on.
  entry.record({
    kind: 'observed',
    principal: 'system',
    facts: { asking: model, input_tokens_at_most: inputTokens },
    budget: { reserved, spent: 0 },
  });
  const closed = entry.close({ turn, pass: 0, open: [], status: 'RUNNING' }, () =>
    deps.nextId('dec'),
  );
  const state: Reserved = { cursor: closed.to, reserved };
  const result = await deps.ledger.commit({ ...closed, output: JSON.stringify(state) });
  switch (result.kind) {
    case 'committed':
      return { kind: 'reserved', state };
    case 'replayed':
      return { kind: 'reserved', state: JSON.parse(result.output) as Reserved };
    default:
      return handBack(input, deps, result);
  }
}

/** The judge ends a cancelled or overdrawn run; a commit that another writer overtook is an error. */
function handBack(
  input: Input,
  deps: ChooseActionsDeps,
  result: CommitResult,
): Promise<Begun> | Begun {
  if (result.kind === 'over_budget') {
    const entry = new LedgerEntry(input.run, input.cursor, isoTime(deps.now()));
    for (const open of input.cursor.open) {
      const outcome = input.outcomes.find(({ index }) => index === open.index);
      if (outcome) entry.observe(open, outcome, false);
    }
    return stop(deps, entry, input.cursor.turn, overBudget);
  }
  if (result.kind === 'cancelled')
    return { kind: 'ended', cursor: input.cursor, outcomes: input.outcomes };
  // A second delivery of this step went further already: the stored cursor is the truth.
  if (result.kind === 'superseded')
    return { kind: 'ended', cursor: result.run.cursor, outcomes: [] };
  throw new AppError('run.superseded', 'Another writer moved the run on.');
}

async function stop(
  deps: ChooseActionsDeps,
  entry: LedgerEntry,
  turn: number,
  outcome: RunOutcome,
): Promise<Begun> {
  entry.record({
    kind: 'finished',
    principal: 'system',
    facts: { status: outcome.status, code: outcome.code },
  });
  const closed = entry.close({ turn, pass: 0, open: [], status: outcome.status, outcome }, () =>
    deps.nextId('dec'),
  );
  await deps.ledger.commit({ ...closed, output: '{}' });
  return { kind: 'ended', cursor: closed.to, outcomes: [] };
}

/** Calls the model; a cancelled run does not wait for the answer. */
async function askUnlessCancelled(
  model: LanguageModel,
  messages: readonly ModelMessage[],
  ledger: RunLedger,
): Promise<ModelAnswer> {
  const abort = new AbortController();
  const watch = setInterval(() => {
    ledger.load().then(
      (run) => {
        if (run?.cancel_requested_at) abort.abort();
      },
      () => undefined,
    );
  }, CANCEL_POLL_MS);
  try {
    return await model.ask({
      messages,
      tools: modelTools(),
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      signal: abort.signal,
    });
  } finally {
    clearInterval(watch);
  }
}

interface Asked extends Reserved {
  readonly model: string;
  readonly price: ModelPrice | undefined;
  readonly messages: readonly ModelMessage[];
  readonly answer: ModelAnswer;
}

/** Second commit: what the model chose and what it cost. */
async function conclude(run: RunRef, deps: ChooseActionsDeps, asked: Asked): Promise<Output> {
  const { cursor, answer } = asked;
  const entry = new LedgerEntry(run, cursor, isoTime(deps.now()));
  const { turn, outcome, tokens } = conclusion(entry, asked);
  const closed = entry.close(
    {
      turn: cursor.turn,
      pass: 0,
      open: [],
      status: outcome ? outcome.status : 'RUNNING',
      tokens: cursor.tokens + tokens.input + tokens.output,
      ...(outcome ? { outcome } : {}),
    },
    () => deps.nextId('dec'),
  );
  if (turn) await deps.keepTranscript(cursor.turn, { messages: asked.messages, answer });
  const output: Output = { cursor: closed.to, outcomes: [] };
  const commit: RunCommit = {
    ...closed,
    ...(turn ? { turn } : {}),
    output: JSON.stringify(output),
  };
  return afterConclusion(await deps.ledger.commit(commit), output, cursor);
}

function afterConclusion(result: CommitResult, output: Output, before: Cursor): Output {
  switch (result.kind) {
    case 'committed':
      return output;
    case 'replayed':
      return JSON.parse(result.output) as Output;
    case 'cancelled':
      // The judge meets the flag as well, and ends the run there.
      return { cursor: before, outcomes: [] };
    case 'superseded':
      return { cursor: result.run.cursor, outcomes: [] };
    default:
      throw new AppError('run.superseded', 'Another writer moved the run on.');
  }
}

/** Settles the call and records what came of it: a turn to be judged, or the end of the run. */
function conclusion(entry: LedgerEntry, { cursor, reserved, model, price, answer }: Asked) {
  const answered = answer.kind === 'answered';
  const tokens = answered ? answer.tokens : { input: 0, output: 0 };
  const cost = price ? Math.min(costOf(price, tokens), reserved) : 0;
  entry.settle(reserved, cost);
  const money = { budget: { reserved: -reserved, spent: cost } };
  if (!answered) {
    const outcome = failureOf(answer);
    entry.record({
      kind: 'finished',
      principal: 'system',
      facts: { status: outcome.status, code: outcome.code },
      ...money,
    });
    return { tokens, outcome, turn: undefined };
  }
  const turn = turnOf(cursor.turn, answer, model, cost);
  entry.record({
    kind: 'chosen',
    principal: `model:${model}`,
    facts: { tools: turn.actions.map(({ tool }) => tool), answered: turn.answer !== null, tokens },
    body_digest: digestOf(turn),
    ...money,
  });
  return { tokens, outcome: undefined, turn };
}
