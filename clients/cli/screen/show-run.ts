import type { RunView, TaskView } from '#shared/api/tasks.ts';
import { inkOf, oneLine, plain, type Ink } from './ink.ts';
import { between, showClock, showDuration, showUsd } from './quantities.ts';
import { tableOf } from './table.ts';
import type { Terminal } from './terminal.ts';

type Step = RunView['steps'][number];
type View = Pick<Terminal, 'hasColour' | 'columns' | 'now'>;

const GOOD = ['done', 'completed', 'granted', 'allow'];
const BAD = ['failed', 'denied', 'refused', 'expired', 'invalid', 'cancelled', 'deny'];
const OPEN = ['waiting', 'asked', 'ask', 'unknown', 'retrying', 'pending'];

/** Statuses that say the verdict already. */
const VERDICTS_IN_STATUS = ['DENIED', 'INVALID', 'ALLOWED'];

type Standing = 'good' | 'bad' | 'open' | 'under way';

function standingOf(status: string): Standing {
  const word = status.toLowerCase();
  if (GOOD.includes(word)) return 'good';
  if (BAD.includes(word)) return 'bad';
  return OPEN.includes(word) ? 'open' : 'under way';
}

const COLOURS = { good: 'green', bad: 'red', open: 'yellow', 'under way': 'blue' } as const;
const MARKS = { good: '✓', bad: '✗', open: '?', 'under way': '·' } as const;

/** A word that says how something stands, in its colour. */
export const paintStatus = (status: string, ink: Ink): string =>
  ink[COLOURS[standingOf(status)]](status);

/** A task in a few lines, and its run below. */
export function showTask(task: TaskView, view: View): string[] {
  const ink = inkOf(view);
  const lasted = between(task.submitted_at, task.ended_at);
  return [
    `${ink.bold(oneLine(task.title, view.columns - 14))}  ${paintStatus(task.status, ink)}`,
    ink.dim(
      [
        task.task_id,
        `by ${plain(task.submitted_by)} at ${showClock(task.submitted_at)}`,
        ...(lasted === undefined ? [] : [`took ${showDuration(lasted)}`]),
        ...(task.priority === 'high' ? ['high priority'] : []),
        ...(task.attempt > 1 ? [`run ${task.attempt}`] : []),
      ].join(' · '),
    ),
    ...(task.dead_letter_reason
      ? [ink.red(`dead-lettered: ${oneLine(task.dead_letter_reason, view.columns - 15)}`)]
      : []),
    ...(task.run ? ['', ...showRun(task.run, view)] : []),
  ];
}

/** A run: money, each step with its verdict and reasons, what it waits for, how it ended. */
export function showRun(run: RunView, view: View): string[] {
  const ink = inkOf(view);
  return [
    ...runHead(run, view, ink),
    ...(run.steps.length > 0 ? ['', ...showSteps(run.steps, view, ink)] : []),
    ...showWaiting(run, ink),
    ...showEnd(run, ink),
  ];
}

function runHead(run: RunView, { now }: View, ink: Ink): string[] {
  const lasted = between(run.started_at, run.ended_at) ?? now() - Date.parse(run.started_at);
  const { cost, budget } = run;
  return [
    `${ink.bold('Run')} ${run.run_id}  ${paintStatus(run.status, ink)}  ${showDuration(lasted)}`,
    [
      `${showUsd(cost.usd)} of ${showUsd(budget.limit_usd)}`,
      ...(budget.reserved_usd > 0 ? [`${showUsd(budget.reserved_usd)} reserved`] : []),
      ...(cost.tokens > 0 ? [`${cost.tokens.toLocaleString('en-US')} tokens`] : []),
      ink.dim(`trace ${run.trace_id}`),
    ].join(' · '),
  ];
}

/** The steps under each other; where policy did more than allow, its reasons below. */
function showSteps(steps: readonly Step[], { columns, now }: View, ink: Ink): string[] {
  const rows = tableOf(
    steps.map((step) => [
      `  ${markOf(step, ink)}`,
      ink.dim(`${step.turn + 1}.${step.index + 1}`),
      step.tool,
      paintStatus(step.status.toLowerCase(), ink),
      VERDICTS_IN_STATUS.includes(step.status) ? '' : paintStatus(step.verdict, ink),
      timeOf(step, now()),
      step.usd > 0 ? showUsd(step.usd) : '',
      oneLine(step.summary, Math.max(16, columns - 76)),
    ]),
  );
  return steps.flatMap((step, i) => [
    rows[i] ?? '',
    ...(step.verdict === 'allow'
      ? []
      : step.reasons.map((reason) => ink.dim(`         ↳ ${oneLine(reason, columns - 12)}`))),
  ]);
}

const markOf = ({ status }: Step, ink: Ink): string =>
  ink[COLOURS[standingOf(status)]](MARKS[standingOf(status)]);

/** How long a step took; of one that is not over, how long it has been under way. */
function timeOf({ started_at: start, ended_at: end, status }: Step, now: number): string {
  if (start === null) return '';
  const lasted = between(start, end);
  if (lasted !== undefined) return showDuration(lasted);
  const isOver = ['good', 'bad'].includes(standingOf(status));
  return isOver ? '' : showDuration(now - Date.parse(start));
}

function showWaiting({ waiting_for: waiting }: RunView, ink: Ink): string[] {
  if (!waiting) return [];
  return [
    '',
    ink.yellow('Waits for a person:'),
    ...waiting.approval_ids.map((id) => `  mirai approve ${id}   or   mirai deny ${id}`),
  ];
}

function showEnd({ outcome, answer }: RunView, ink: Ink): string[] {
  const ended =
    outcome && outcome.code !== null
      ? ['', `${ink.red(outcome.code)}: ${plain(outcome.message)}`]
      : [];
  const answered = answer === null ? [] : ['', ...plain(answer).split('\n')];
  return [...ended, ...answered];
}
