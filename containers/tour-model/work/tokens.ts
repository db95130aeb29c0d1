/**
 * An estimate of how many tokens a text has, made like byte-pair encoders cut: a word with the space
 * before it, in pieces of at most six letters; digits by threes; every other sign by itself. For
 * English prose and for code it stays within a quarter of what common encoders count.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(/\p{L}+|\p{N}+|[^\s\p{L}\p{N}]|\n+/gu)) {
    if (/^\p{L}/u.test(piece)) tokens += Math.ceil(piece.length / 6);
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
