import { parseCondition } from './parse-condition.ts';
import { parseProjection } from './parse-projection.ts';
import { parseUpdate } from './parse-update.ts';
import type { Condition, Parsed, PathSyntax, UpdateSyntax } from './syntax.ts';

/** Programs have few distinct expressions; the oldest is dropped beyond this number. */
const MAX_CACHED = 2000;

const cache = new Map<string, Parsed<unknown>>();

export const conditionOf = (
  label: string,
  text: string | undefined,
): Parsed<Condition> | undefined =>
  cached(label, text, () => parseCondition(label, text as string));

export const updateOf = (text: string | undefined): Parsed<UpdateSyntax> | undefined =>
  cached('UpdateExpression', text, () => parseUpdate(text as string));

export const projectionOf = (text: string | undefined): Parsed<readonly PathSyntax[]> | undefined =>
  cached('ProjectionExpression', text, () => parseProjection(text as string));

function cached<Syntax>(
  label: string,
  text: string | undefined,
  parse: () => Parsed<Syntax>,
): Parsed<Syntax> | undefined {
  if (text === undefined) return undefined;
  const key = `${label} ${text}`;
  const known = cache.get(key) as Parsed<Syntax> | undefined;
  if (known) return known;
  const parsed = parse();
  cache.set(key, parsed);
  if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value as string);
  return parsed;
}
