/**
 * An estimate of how many tokens a text has, made like byte-pair encoders cut: a word with the space
 * before it, in pieces of at most seven letters; digits by threes; other signs by up to three of them
 * in a row; an escape of JSON or a run of line ends as one.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(
    /(?:\\[nrt"\\])+|\p{L}+|\p{N}+|[^\s\p{L}\p{N}\\]{1,3}|\\|\n+/gu,
  )) {
    if (/^\p{L}/u.test(piece)) tokens += Math.ceil(piece.length / 7);
    else if (/^\p{N}/u.test(piece)) tokens += Math.ceil(piece.length / 3);
    else tokens += 1;
  }
  return tokens;
}

/** The longest beginning of a text that has at most so many tokens by the same estimate. */
export function cutToTokens(text: string, most: number): string {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (countTokens(text.slice(0, middle)) <= most) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, low);
}
