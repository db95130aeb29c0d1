import type { Terminal } from './terminal.ts';

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 36 } as const;

export type Ink = Readonly<Record<keyof typeof CODES, (text: string) => string>>;

/** Colours that are only there where the terminal shows them. */
export function inkOf({ hasColour }: Pick<Terminal, 'hasColour'>): Ink {
  const paint = (code: number) => (text: string) =>
    hasColour && text !== '' ? `\u001B[${code}m${text}\u001B[0m` : text;
  return Object.fromEntries(
    Object.entries(CODES).map(([name, code]) => [name, paint(code)]),
  ) as unknown as Ink;
}

/** Width on the screen: without the codes of colours. */

export const widthOf = (text: string): number => [...text.replaceAll(/\u001B\[\d+m/g, '')].length;

/** Fills up with spaces to a width on the screen. */
export const padTo = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

/**
 * Text from elsewhere, safe to show: control characters and those that turn the writing direction
 * around stand as escapes, so that what is seen is what is there.
 */
export const plain = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replaceAll(
      /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g,
      (sign) => `\\u{${sign.charCodeAt(0).toString(16)}}`,
    );

/** Safe text on one line, cut to a width. */
export function oneLine(text: string, width: number): string {
  const line = plain(text).replaceAll(/\s+/g, ' ').trim();
  const signs = [...line];
  return signs.length <= width ? line : `${signs.slice(0, Math.max(0, width - 1)).join('')}…`;
}
