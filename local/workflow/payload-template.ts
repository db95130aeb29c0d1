import { isObject, type Json } from './json.ts';
import { setMember } from './jsonata.ts';
import { callIntrinsic } from './intrinsic-functions.ts';
import { parsePath, type JsonPath } from './json-path.ts';
import { queryPath, type PathSources } from './json-path-query.ts';
import { runtimeFailure, StateFailure } from './state-failure.ts';

/**
 * Fills a JSONPath payload template: a member whose name ends in `.$` is replaced by what its path
 * or intrinsic function gives.
 *
 * @throws StateFailure when a path leads nowhere or a function fails
 */
export function fillTemplate(template: Json, sources: PathSources): Json {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, sources));
  if (!isObject(template)) return template;
  const filled: Record<string, Json> = {};
  for (const [name, member] of Object.entries(template)) {
    if (name.endsWith('.$')) setMember(filled, name.slice(0, -2), dynamic(name, member, sources));
    else setMember(filled, name, fillTemplate(member, sources));
  }
  return filled;
}

/**
 * Reads a field that holds a path, such as `InputPath`, `ErrorPath` or `SecondsPath`.
 *
 * @throws StateFailure naming the field when the path leads nowhere
 */
export function readPath(text: string, field: string, sources: PathSources): Json {
  const value = text.startsWith('States.')
    ? callIntrinsic(text, sources)
    : queryPath(parsePath(text), sources);
  if (value === undefined) throw pathNotFound(text, field, sources);
  return value;
}

/** Reads InputPath or OutputPath, where `null` stands for an empty object. */
export function readInput(path: string | null | undefined, sources: PathSources): Json {
  if (path === null) return {};
  if (path === undefined || path === '$') return sources.data;
  const parsed = parsePath(path);
  const value = queryPath(parsed, sources);
  if (value === undefined)
    throw runtimeFailure(`Invalid path '${path}' : ${whyMissing(parsed, sources)}`);
  return value;
}

function dynamic(name: string, member: Json, sources: PathSources): Json {
  if (typeof member !== 'string')
    throw runtimeFailure(`The value for the field '${name}' must be a string.`);
  try {
    return readPath(member, name, sources);
  } catch (error) {
    if (error instanceof StateFailure || !(error instanceof Error)) throw error;
    throw runtimeFailure(`The value for the field '${name}' is not valid: ${error.message}`);
  }
}

function pathNotFound(text: string, field: string, sources: PathSources): StateFailure {
  const from = text.startsWith('$$') ? sources.context : sources.data;
  return runtimeFailure(
    `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(from)}'`,
  );
}

/** The words of the JSONPath library that AWS uses. */
function whyMissing(path: JsonPath, sources: PathSources): string {
  const start = path.root.kind === 'context' ? sources.context : sources.data;
  let value: Json | undefined = start;
  let where = '$';
  for (const step of path.steps) {
    const part =
      step.kind === 'member'
        ? `['${step.names[0]}']`
        : step.kind === 'index'
          ? `[${step.indexes[0]}]`
          : '';
    const found: Json | undefined = queryPath(
      { ...path, root: { kind: 'data' }, steps: [step] },
      { ...sources, data: value },
    );
    if (found === undefined) {
      const leaf = path.steps.at(-1) === step;
      return leaf && isObject(value)
        ? `No results for path: ${where}${part}`
        : `Missing property in path ${where}${part}`;
    }
    value = found;
    where += part;
  }
  return `No results for path: ${where}`;
}
