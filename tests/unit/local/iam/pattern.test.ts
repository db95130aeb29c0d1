import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileArnPattern, compilePattern } from '#local/iam/policy/pattern.ts';

const none = () => undefined;
const glob = (pattern: string) => compilePattern(pattern, { wildcards: true });

/** The same language by a regular expression. */
function reference(pattern: string, text: string): boolean {
  const source = [...pattern]
    .map((character) => {
      if (character === '*') return '.*';
      return character === '?' ? '.' : character.replace(/[\\^$.|()[\]{}+]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`, 's').test(text);
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/'), maxLength: 8 });
const wild = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/', '*', '?'), maxLength: 8 });

describe('a pattern', () => {
  it('agrees with a regular expression', () => {
    fc.assert(
      fc.property(wild, word, (pattern, text) => {
        expect(glob(pattern)(text, none)).toBe(reference(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });

  it('matches itself, and everything when it is a star', () => {
    fc.assert(
      fc.property(word, (text) => {
        expect(glob(text)(text, none)).toBe(true);
        expect(glob('*')(text, none)).toBe(true);
      }),
    );
  });

  it('keeps matching when a part of it becomes a star', () => {
    fc.assert(
      fc.property(word, word, word, (before, inside, after) => {
        expect(glob(`${before}*${after}`)(before + inside + after, none)).toBe(true);
      }),
    );
  });

  it('takes the value of a variable literally', () => {
    const pattern = glob('tenant/${aws:PrincipalTag/tenant}/*');

    expect(pattern('tenant/a/x', () => 'a')).toBe(true);
    expect(pattern('tenant/b/x', () => 'a')).toBe(false);
    expect(pattern('tenant/b/x', () => '*')).toBe(false);
    expect(pattern('tenant//x', none)).toBe(false);
  });

  it('knows defaults and escapes of variables', () => {
    expect(glob("${aws:PrincipalTag/team, 'none'}")('none', none)).toBe(true);
    expect(glob('${*}${?}${$}')('*?$', none)).toBe(true);
    expect(glob('${*}')('x', none)).toBe(false);
  });

  it('is not slow on many stars', () => {
    const started = performance.now();

    expect(glob(`${'*a'.repeat(40)}b`)('a'.repeat(5000), none)).toBe(false);

    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('an ARN pattern', () => {
  it.each([
    ['*', 'arn:aws:s3:::bucket/key', true],
    ['arn:aws:s3:::bucket/*', 'arn:aws:s3:::bucket/a:b/c', true],
    ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket/key', false],
    ['arn:aws:sqs:*:1:queue', 'arn:aws:sqs:us-east-1:1:queue', true],
    ['arn:aws:sqs:*:queue', 'arn:aws:sqs:us-east-1:1:queue', false],
    ['arn:aws:iam::*:role/x', 'arn:aws:iam::1:role/x', true],
    ['arn:aws:*:*:*:x', 'arn:aws:sns:a:b:x', true],
    ['arn:aws:*:*:*:x', 'arn:aws:sns:a:b:x:y', false],
  ])('%s and %s: %s', (pattern, arn, matches) => {
    expect(compileArnPattern(pattern)?.(arn, none) ?? false).toBe(matches);
  });

  it('keeps the colon of a variable together', () => {
    const pattern = compileArnPattern('arn:aws:s3:::bucket/${aws:PrincipalTag/tenant}/*');

    expect(pattern?.('arn:aws:s3:::bucket/a/key', () => 'a')).toBe(true);
    expect(pattern?.('arn:aws:s3:::bucket/b/key', () => 'a')).toBe(false);
  });
});
