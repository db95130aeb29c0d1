import * as z from 'zod/mini';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export type IdPrefix = 'task' | 'run' | 'apr' | 'art' | 'dec' | 'key' | 'lease';

const idSchema = (prefix: IdPrefix) =>
  z.string().check(z.regex(new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`)));

export const TaskId = idSchema('task');
export const RunId = idSchema('run');

/** A tenant's id: a short name in lower case, safe in keys, prefixes and session tags. */
export const TenantId = z.string().check(z.regex(/^[a-z][a-z0-9-]{1,30}[a-z0-9]$/));

/**
 * A prefixed id that sorts by time: 48 bits of milliseconds and 80 random bits in Crockford's
 * base 32, the layout of a ULID.
 *
 * @param random at least 10 random bytes
 */
export function makeId(prefix: IdPrefix, milliseconds: number, random: Uint8Array): string {
  let time = '';
  for (let rest = milliseconds, i = 0; i < 10; i += 1) {
    time = (ALPHABET[rest % 32] ?? '') + time;
    rest = Math.floor(rest / 32);
  }
  let bits = 0n;
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let tail = '';
  for (let i = 0; i < 16; i += 1) {
    tail = (ALPHABET[Number(bits & 31n)] ?? '') + tail;
    bits >>= 5n;
  }
  return `${prefix}_${time}${tail}`;
}
