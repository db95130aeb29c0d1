import { AwsError } from '#local/kernel/aws-error.ts';

/** Reads one value out of an event; undefined when it is not there. */
export type EventPath = (event: unknown) => unknown;

const STEP = /\.([^.[\]'"\s*?@()]+)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+)\]/y;

/**
 * Reads a JSONPath as EventBridge targets take it: `$`, names with dots or in brackets, indexes.
 *
 * @throws AwsError ValidationException for any other form
 */
export function parseEventPath(path: string): EventPath {
  const steps: (string | number)[] = [];
  const fault = () =>
    new AwsError(
      'ValidationException',
      `Invalid InputPath for target: ${path} is no served JSONPath.`,
    );
  if (!path.startsWith('$')) throw fault();
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const step = STEP.exec(path);
    if (!step) throw fault();
    steps.push(step[4] === undefined ? (step[1] ?? step[2] ?? step[3] ?? '') : Number(step[4]));
  }
  return (event) => steps.reduce(member, event);
}

function member(node: unknown, step: string | number): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  return Object.hasOwn(node, step) ? (node as Record<string | number, unknown>)[step] : undefined;
}
