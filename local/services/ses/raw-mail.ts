import { badRequest } from './ses-error.ts';

/** Headers that SES takes for itself, replaces, or must not pass on. */
const TAKEN = [
  'bcc',
  'date',
  'message-id',
  'return-path',
  'x-ses-configuration-set',
  'x-ses-message-tags',
];

/**
 * A raw mail as SES passes it on: with its own Date and Message-ID, without blind copies.
 *
 * @param from becomes the From header when the mail has none
 * @throws AwsError BadRequestException when the mail has no headers
 */
export function rawMail(
  raw: Buffer,
  from: string,
  standard: readonly (readonly [string, string])[],
): Buffer {
  const source = raw.toString('latin1');
  const end = /\r?\n\r?\n/.exec(source);
  const lines = source.slice(0, end?.index).split(/\r?\n(?![ \t])/);
  if (!lines.some((line) => /^[\x21-\x39\x3b-\x7e]+:/.test(line))) {
    throw badRequest('The raw message has no headers.');
  }
  const nameOf = (line: string) => line.split(':', 1)[0]?.trim().toLowerCase() ?? '';
  const kept = lines.filter((line) => line !== '' && !TAKEN.includes(nameOf(line)));
  const head = [
    ...standard.map(([name, value]) => `${name}: ${value}`),
    ...(kept.some((line) => nameOf(line) === 'from') ? [] : [`From: ${from}`]),
    ...kept,
  ];
  const body = end ? source.slice(end.index + end[0].length) : '';
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}
