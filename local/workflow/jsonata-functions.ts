import { createHash, randomUUID } from 'node:crypto';
import type { Json } from './json.ts';

const HASHES = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

/** The most items that `$range` and `States.ArrayRange` make. */
const MAX_RANGE_ITEMS = 1000;

/** Cuts an array into arrays of `size`. */
export function partition(items: unknown, size: unknown): Json[][] {
  if (!Array.isArray(items)) throw new Error('The first argument of $partition must be an array.');
  const step = wholeNumber(size, '$partition');
  if (step < 1) throw new Error('The second argument of $partition must be a positive number.');
  const parts: Json[][] = [];
  for (let start = 0; start < items.length; start += step)
    parts.push(items.slice(start, start + step) as Json[]);
  return parts;
}

/** The numbers from `first` to `last`, both included, `step` apart. */
export function range(first: unknown, last: unknown, step: unknown): number[] {
  const [from, to, by] = [first, last, step].map((n) => wholeNumber(n, '$range')) as [
    number,
    number,
    number,
  ];
  if (by === 0) throw new Error('The step of a range must not be zero.');
  const count = Math.max(0, Math.floor((to - from) / by) + 1);
  if (count > MAX_RANGE_ITEMS) throw new Error(`A range has at most ${MAX_RANGE_ITEMS} items.`);
  return Array.from({ length: count }, (_, index) => from + index * by);
}

/** The hexadecimal hash of a string. */
export function hash(text: unknown, algorithm: unknown = 'SHA-256'): string {
  if (typeof text !== 'string') throw new Error('The first argument of $hash must be a string.');
  const name = typeof algorithm === 'string' ? HASHES.get(algorithm) : undefined;
  if (!name)
    throw new Error('The algorithm of $hash must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512.');
  return createHash(name).update(text, 'utf8').digest('hex');
}

/** A number of at least 0 and below 1; the same one for the same seed. */
export function random(seed?: unknown): number {
  if (seed === undefined) return Math.random();
  if (typeof seed !== 'number') throw new Error('The seed of $random must be a number.');
  const digest = createHash('sha256').update(String(seed)).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

function parse(text: unknown): Json {
  if (typeof text !== 'string') throw new Error('The argument of $parse must be a string.');
  return JSON.parse(text) as Json;
}

/** Marks an array as a JSONata sequence, which loses its brackets when it has one item. */
function asSequence<Item>(items: Item[]): Item[] {
  return Object.defineProperty(items, 'sequence', { enumerable: false, value: true });
}

function wholeNumber(value: unknown, name: string): number {
  if (typeof value !== 'number') throw new Error(`${name} takes numbers.`);
  return Math.trunc(value);
}

/** The functions that AWS adds to JSONata; `$eval` is taken away, as on AWS. */
export const AWS_FUNCTIONS: Readonly<Record<string, unknown>> = {
  partition: (items: unknown, size: unknown) => partition(items, size),
  range: (first: unknown, last: unknown, step: unknown) => asSequence(range(first, last, step)),
  hash: (text: unknown, algorithm?: unknown) => hash(text, algorithm),
  random: (seed?: unknown) => random(seed),
  uuid: () => randomUUID(),
  parse: (text: unknown) => parse(text),
  eval: undefined,
};
