import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json } from './json.ts';
import { hash, partition, random, range } from './jsonata-functions.ts';
import { parseIntrinsic, type IntrinsicArgument, type IntrinsicCall } from './intrinsic-parse.ts';
import { queryPath, type PathSources } from './json-path-query.ts';
import { StateFailure } from './state-failure.ts';

/** The most characters that the Base64 and hash functions take. */
const MAX_TEXT = 10_000;

type Intrinsic = (...args: Json[]) => Json;

/**
 * Calls an intrinsic function as a payload template writes it.
 *
 * @throws StateFailure `States.IntrinsicFailure` when an argument does not suit
 */
export function callIntrinsic(text: string, sources: PathSources): Json {
  return call(parseIntrinsic(text), sources);
}

function call({ name, args }: IntrinsicCall, sources: PathSources): Json {
  const values = args.map((arg, index) =>
    valueOf(arg, sources, name === 'States.Format' && index === 0),
  );
  try {
    return (FUNCTIONS[name] as Intrinsic)(...values);
  } catch (error) {
    throw new StateFailure(
      'States.IntrinsicFailure',
      error instanceof Error ? error.message : `${name} failed`,
    );
  }
}

function valueOf(arg: IntrinsicArgument, sources: PathSources, raw: boolean): Json {
  if (arg.kind === 'call') return call(arg, sources);
  if (arg.kind === 'value')
    return typeof arg.value === 'string' && !raw ? unescaped(arg.value) : arg.value;
  const value = queryPath(arg.path, sources);
  if (value !== undefined) return value;
  throw new StateFailure(
    'States.ParameterPathFailure',
    `The JSONPath '${arg.path.text}' could not be found in the input '${JSON.stringify(sources.data)}'`,
  );
}

const unescaped = (text: string): string => text.replace(/\\([\\{}])/g, '$1');

const FUNCTIONS: Readonly<Record<string, Intrinsic>> = {
  'States.Format': (template, ...values) => format(text(template), values),
  'States.StringToJson': (value) =>
    text(value).trim() === '' ? null : (JSON.parse(text(value)) as Json),
  'States.JsonToString': (value) => JSON.stringify(value),
  'States.Array': (...items) => items,
  'States.ArrayPartition': (items, size) => partition(array(items), whole(size)),
  'States.ArrayContains': (items, item) =>
    array(items).some((each) => isDeepStrictEqual(each, item)),
  'States.ArrayRange': (first, last, step) => range(rounded(first), rounded(last), rounded(step)),
  'States.ArrayGetItem': (items, index) => itemAt(array(items), whole(index)),
  'States.ArrayLength': (items) => array(items).length,
  'States.ArrayUnique': (items) => unique(array(items)),
  'States.Base64Encode': (value) => Buffer.from(shortText(value)).toString('base64'),
  'States.Base64Decode': (value) => Buffer.from(shortText(value), 'base64').toString('utf8'),
  'States.Hash': (value, algorithm) =>
    hash(typeof value === 'string' ? shortText(value) : JSON.stringify(value), algorithm),
  'States.JsonMerge': (first, second, deep) => merge(first, second, deep),
  'States.MathRandom': (from, to, seed) => randomBetween(rounded(from), rounded(to), seed),
  'States.MathAdd': (first, second) => rounded(first) + rounded(second) + 0,
  'States.StringSplit': (value, splitter) => split(text(value), text(splitter)),
  'States.UUID': () => randomUUID(),
};

function format(template: string, values: readonly Json[]): string {
  let used = 0;
  const result = template.replace(/\\([\\{}])|\{\}/g, (_, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (used >= values.length)
      throw new Error('The template has more {} than there are arguments.');
    const value = values[used++] as Json;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  if (used < values.length) throw new Error('There are more arguments than {} in the template.');
  return result;
}

function itemAt(items: Json[], index: number): Json {
  const item = items[index];
  if (item === undefined) throw new Error(`The array has no item ${index}.`);
  return item;
}

function unique(items: Json[]): Json[] {
  return items.filter(
    (item, index) => items.findIndex((other) => isDeepStrictEqual(other, item)) === index,
  );
}

function merge(first: Json | undefined, second: Json | undefined, deep: Json | undefined): Json {
  if (deep !== false) throw new Error('States.JsonMerge supports only the shallow merging mode.');
  if (!isObject(first) || !isObject(second)) throw new Error('States.JsonMerge merges objects.');
  return { ...first, ...second };
}

function randomBetween(from: number, to: number, seed: Json | undefined): number {
  if (to <= from) throw new Error('The end of States.MathRandom must be larger than its start.');
  return seed === undefined
    ? randomInt(from, to)
    : from + Math.floor(random(rounded(seed)) * (to - from));
}

/** Splits at each of the characters of the splitter; empty parts fall away. */
function split(value: string, splitters: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of value) {
    if (!splitters.includes(character)) part += character;
    else {
      if (part) parts.push(part);
      part = '';
    }
  }
  return part ? [...parts, part] : parts;
}

function text(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is not a string.`);
  return value;
}

function shortText(value: Json | undefined): string {
  const short = text(value);
  if (short.length > MAX_TEXT) throw new Error(`The string has more than ${MAX_TEXT} characters.`);
  return short;
}

function array(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Error(`${JSON.stringify(value)} is not an array.`);
  return value;
}

function whole(value: Json | undefined): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new Error(`${JSON.stringify(value)} is not an integer.`);
  }
  return value;
}

function rounded(value: Json | undefined): number {
  if (typeof value !== 'number') throw new Error(`${JSON.stringify(value)} is not a number.`);
  return Math.round(value);
}
