import { createHash } from 'node:crypto';

/** Lower-case letters and digits, the same for the same name. */
export function shortId(name: string, length: 6 | 10): string {
  const digest = createHash('sha256').update(name).digest();
  return BigInt(`0x${digest.toString('hex')}`)
    .toString(36)
    .slice(-length);
}
