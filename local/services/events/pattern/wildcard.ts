import { invalidPattern } from './invalid-pattern.ts';

/**
 * A test for `wildcard`: `*` stands for any characters, `\*` and `\\` for themselves.
 *
 * @throws AwsError for two stars in a row or a backslash before anything else
 */
export function wildcardTest(pattern: string): (value: string) => boolean {
  const pieces = literalPieces(pattern);
  const [head = '', ...others] = pieces;
  const tail = others.pop();
  if (tail === undefined) return (value) => value === head;
  return (value) => {
    if (value.length < head.length + tail.length) return false;
    if (!value.startsWith(head) || !value.endsWith(tail)) return false;
    const end = value.length - tail.length;
    let at = head.length;
    for (const piece of others) {
      const found = value.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

/** What stands between the stars. */
function literalPieces(pattern: string): string[] {
  const pieces = [''];
  let afterStar = false;
  for (let i = 0; i < pattern.length; i += 1) {
    let character = pattern.charAt(i);
    if (character === '*') {
      if (afterStar) throw invalidPattern(`Consecutive wildcard characters at pos ${i - 1}`);
      pieces.push('');
      afterStar = true;
      continue;
    }
    if (character === '\\') {
      i += 1;
      character = pattern.charAt(i);
      if (character !== '*' && character !== '\\') {
        throw invalidPattern(`Invalid escape character at pos ${i - 1}`);
      }
    }
    pieces[pieces.length - 1] += character;
    afterStar = false;
  }
  return pieces;
}
