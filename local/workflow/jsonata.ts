import jsonata from 'jsonata';
import { AWS_FUNCTIONS } from './jsonata-functions.ts';
import { isObject, type Json } from './json.ts';
import { queryFailure } from './state-failure.ts';

/** What `$states` gives to an expression. */
export interface StatesVariable {
  readonly input: Json;
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly context: Json;
}

/** Names bound in an expression: `states`, the variables in scope, and AWS's functions. */
export type Bindings = Readonly<Record<string, unknown>>;

/** How many compiled expressions are kept. */
const KEPT_EXPRESSIONS = 5000;
const compiled = new Map<string, jsonata.Expression>();

/** The prototype of every scope of variables, so that AWS's functions are found like variables. */
export const ROOT_BINDINGS: Bindings = AWS_FUNCTIONS;

/** The expression inside `{% %}`, or undefined when a string is a plain literal. */
export function expressionOf(text: string): string | undefined {
  if (!text.startsWith('{%') || !text.endsWith('%}') || text.length < 4) return undefined;
  return text.slice(2, -2).trim();
}

/** Why an expression does not parse; undefined when it does. */
export function syntaxError(expression: string): string | undefined {
  try {
    compile(expression);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * Evaluates one expression.
 *
 * @param field where it stands, such as `Output/total`, for the failure's cause
 * @throws StateFailure when it does not parse, throws or gives nothing
 */
async function evaluate(expression: string, bindings: Bindings, field: string): Promise<Json> {
  let result: unknown;
  try {
    result = await compile(expression).evaluate(undefined, bindings as Record<string, unknown>);
  } catch (error) {
    throw queryFailure(
      `The JSONata expression '${expression}' specified for the field '${field}' threw an error during evaluation. ${messageOf(error)}`,
      field,
    );
  }
  const value = toJson(result);
  if (value !== undefined) return value;
  throw queryFailure(
    `The JSONata expression '${expression}' specified for the field '${field}' returned nothing (undefined).`,
    field,
  );
}

/**
 * Evaluates every `{% %}` string of a template, however deep.
 *
 * @throws StateFailure naming the place of the expression that failed
 */
export async function evaluateTemplate(
  template: Json,
  bindings: Bindings,
  field: string,
): Promise<Json> {
  if (typeof template === 'string') {
    const expression = expressionOf(template);
    return expression === undefined ? template : evaluate(expression, bindings, field);
  }
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [index, item] of template.entries()) {
      items.push(await evaluateTemplate(item, bindings, `${field}[${index}]`));
    }
    return items;
  }
  if (!isObject(template)) return template;
  const result: Record<string, Json> = {};
  for (const [name, member] of Object.entries(template)) {
    setMember(result, name, await evaluateTemplate(member, bindings, `${field}/${name}`));
  }
  return result;
}

/** Sets a member whatever its name, `__proto__` included. */
export function setMember(target: Record<string, Json>, name: string, value: Json): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[name] = value;
  }
}

function compile(expression: string): jsonata.Expression {
  const known = compiled.get(expression);
  if (known) return known;
  const made = jsonata(expression);
  if (compiled.size >= KEPT_EXPRESSIONS) compiled.clear();
  compiled.set(expression, made);
  return made;
}

/** A result as plain JSON: functions and undefined members fall away, sequences become arrays. */
function toJson(value: unknown): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'object') return undefined;
  if (Array.isArray(value)) return value.map((item) => toJson(item) ?? null);
  if ('_jsonata_function' in value || '_jsonata_lambda' in value) return undefined;
  const copy: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    const plain = toJson(member);
    if (plain !== undefined) setMember(copy, name, plain);
  }
  return copy;
}

function messageOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ? `${code}: ${message ?? ''}` : String(message ?? error);
}
