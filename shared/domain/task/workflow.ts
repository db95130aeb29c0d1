import * as z from 'zod/mini';

/** What happens to the run when a step does not come to its end as hoped. */
const OnTrouble = z._default(z.enum(['fail', 'continue']), 'fail');

/**
 * One step of an explicit workflow: a tool and its input. A string in the input may refer to what an
 * earlier step gave back: `{{steps.<id>.output.<path>}}`; when it is the whole string, the value
 * keeps its type.
 */
export const WorkflowStep = z.strictObject({
  id: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9_]{0,39}$/))),
  tool: z.string().check(z.minLength(1), z.maxLength(64)),
  input: z._default(z.record(z.string(), z.json()), {}),
  on_refused: OnTrouble,
  on_expired: OnTrouble,
  on_error: OnTrouble,
});
export type WorkflowStep = z.infer<typeof WorkflowStep>;

/** An explicit workflow: 1 to 200 steps, carried out in order, without a model. */
export const Workflow = z.strictObject({
  steps: z.array(WorkflowStep).check(z.minLength(1), z.maxLength(200)),
});
export type Workflow = z.infer<typeof Workflow>;

const REFERENCE =
  /\{\{\s*steps\.([a-z][a-z0-9_]{0,39})\.output((?:\.[A-Za-z0-9_-]{1,64})*)\s*\}\}/g;

/** The ids of the steps whose outputs an input refers to. */
export function referencedSteps(input: unknown): string[] {
  const found = new Set<string>();
  for (const match of JSON.stringify(input).matchAll(REFERENCE)) found.add(match[1] ?? '');
  return [...found];
}

/**
 * Fills in the references of a step's input.
 *
 * @param outputs what each earlier step gave back, by step id
 * @returns the input with values in place of references; a reference to nothing becomes null
 */
export function resolveReferences(input: unknown, outputs: ReadonlyMap<string, unknown>): unknown {
  if (typeof input === 'string') return resolveString(input, outputs);
  if (Array.isArray(input)) return input.map((item) => resolveReferences(item, outputs));
  if (input === null || typeof input !== 'object') return input;
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key, resolveReferences(value, outputs)]),
  );
}

function resolveString(text: string, outputs: ReadonlyMap<string, unknown>): unknown {
  const lookUp = (id: string, path: string): unknown =>
    path.split('.').filter(Boolean).reduce<unknown>(member, outputs.get(id));
  const whole = new RegExp(`^${REFERENCE.source}$`).exec(text);
  if (whole) return lookUp(whole[1] ?? '', whole[2] ?? '') ?? null;
  return text.replaceAll(REFERENCE, (_match, id: string, path: string) => {
    const value = lookUp(id, path);
    return typeof value === 'string' ? value : JSON.stringify(value ?? null);
  });
}

function member(value: unknown, key: string): unknown {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
