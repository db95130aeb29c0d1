import type { TaskView } from '#shared/api/tasks.ts';
import type { ApiClient } from '../api/api-client.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import { inkOf, oneLine } from '../screen/ink.ts';
import { LiveBlock } from '../screen/live-block.ts';
import { showApproval } from '../screen/show-approval.ts';
import { paintStatus, showTask } from '../screen/show-run.ts';
import type { Terminal } from '../screen/terminal.ts';
import { followTask, isOver, openApprovals } from './follow-task.ts';

const FRAME_MS = 120;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** What a task that stands still means for the shell. */
function exitCodeOfTask(task: TaskView): ExitCode {
  if (task.status === 'COMPLETED') return EXIT.ok;
  if (openApprovals(task).length > 0) return EXIT.waiting;
  if (!isOver(task)) return EXIT.ok;
  return exitCodeOf(task.run?.outcome?.code ?? 'task.cancelled');
}

/**
 * Shows a task until it is over. On a TTY live, also while it waits for a person; else a line for each
 * change (with `--json` each state of the task as one line) and no longer than to the first question.
 *
 * @returns the exit code, and the task as it was last seen
 */
export async function watchTask(
  client: ApiClient,
  id: string,
  terminal: Terminal,
): Promise<{ readonly code: ExitCode; readonly task: TaskView }> {
  const show = screenOf(terminal);
  let task: TaskView | undefined;
  try {
    for await (task of followTask(client, id)) {
      show.change(task);
      if (!terminal.isTty && openApprovals(task).length > 0) break;
    }
  } finally {
    show.end();
  }
  if (!task) throw new Error(`The task ${id} was not seen.`);
  await showStandstill(client, task, terminal);
  return { code: exitCodeOfTask(task), task };
}

/** What is there to see when a task is over or waits. */
async function showStandstill(client: ApiClient, task: TaskView, terminal: Terminal) {
  if (terminal.json) return;
  for (const line of showTask(task, terminal)) terminal.say(line);
  for (const id of openApprovals(task)) {
    terminal.say();
    for (const line of showApproval(await client.getApproval(id), terminal)) terminal.say(line);
  }
}

/** What shows a task while it changes. */
interface Screen {
  change(task: TaskView): void;
  end(): void;
}

/**
 * Live on a TTY, else a line for each change.
 *
 * @param before a screen that ended, which goes on where it says each thing only once
 */
export const screenOf = (terminal: Terminal, before?: Screen): Screen =>
  terminal.isTty ? liveScreen(terminal) : (before ?? lineByLine(terminal));

function liveScreen(terminal: Terminal): Screen {
  const block = new LiveBlock(terminal);
  const ink = inkOf(terminal);
  let task: TaskView | undefined;
  let frame = 0;
  const draw = () => {
    if (!task) return;
    frame += 1;
    const spinner =
      task.status === 'WAITING' ? ink.yellow('?') : ink.blue(FRAMES[frame % FRAMES.length] ?? '');
    const [first = '', ...rest] = showTask(task, terminal);
    block.show([`${spinner} ${first}`, ...rest]);
  };
  const timer = setInterval(draw, FRAME_MS);
  return {
    change(changed) {
      task = changed;
      draw();
    },
    end() {
      clearInterval(timer);
      block.clear();
    },
  };
}

/** One line for each thing that is new. */
function lineByLine(terminal: Terminal): Screen {
  const ink = inkOf(terminal);
  const said = new Set<string>();
  const sayOnce = (key: string, line: string) => {
    if (said.has(key)) return;
    said.add(key);
    terminal.say(line);
  };
  return {
    change(task) {
      if (terminal.json) return terminal.print(task);
      sayOnce(
        `${task.attempt} ${task.status}`,
        `${task.task_id}  ${paintStatus(task.status, ink)}`,
      );
      for (const step of task.run?.steps ?? []) {
        const place = `${step.turn + 1}.${step.index + 1}`;
        sayOnce(
          `${task.run_id ?? ''} ${place} ${step.status} ${step.verdict}`,
          `  ${place}  ${step.tool}  ${step.verdict}, ${step.status}  ${oneLine(step.summary, 80)}`.trimEnd(),
        );
      }
    },
    end: () => undefined,
  };
}
