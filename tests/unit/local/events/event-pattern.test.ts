import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { compileEventPattern } from '#local/services/events/pattern/event-pattern.ts';

interface Case {
  readonly name: string;
  readonly event: unknown;
  readonly pattern: unknown;
  readonly expected: 'match' | 'no_match' | 'exception';
}

const DATA = new URL(
  '../../../../../shared/conformance/aws_protocol/eventbridge_patterns.jsonl',
  import.meta.url,
);

function judge({ event, pattern }: Case): Case['expected'] {
  try {
    return compileEventPattern(JSON.stringify(pattern))(event) ? 'match' : 'no_match';
  } catch {
    return 'exception';
  }
}

const matches = (pattern: unknown, event: unknown) =>
  compileEventPattern(JSON.stringify(pattern))(event);

describe('an event pattern', () => {
  const recorded = existsSync(DATA)
    ? readFileSync(DATA, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Case)
    : [];
  const judged = recorded.length > 0 ? it.each(recorded) : it.skip.each([{ name: 'no data set' }]);

  judged('judges the recorded case $name as AWS does', (given) => {
    const known = given as Case;
    expect(judge(known)).toBe(known.expected);
  });

  it('wants all values of an object in an array from the same element', () => {
    const event = {
      items: [
        { a: 1, b: 1 },
        { a: 2, b: 2 },
      ],
    };
    expect(matches({ items: { a: [1], b: [1] } }, event)).toBe(true);
    expect(matches({ items: { a: [1], b: [2] } }, event)).toBe(false);
  });

  it('joins alternatives with the fields beside them', () => {
    const pattern = { kind: ['x'], $or: [{ a: [1] }, { b: [{ exists: true }] }] };
    expect(matches(pattern, { kind: 'x', b: null })).toBe(true);
    expect(matches(pattern, { kind: 'y', a: 1 })).toBe(false);
    expect(matches(pattern, { kind: 'x', a: 2 })).toBe(false);
  });

  it('takes a star with a backslash before it for a star', () => {
    const pattern = { file: [{ wildcard: 'a\\*b*' }] };
    expect(matches(pattern, { file: 'a*bc' })).toBe(true);
    expect(matches(pattern, { file: 'aXbc' })).toBe(false);
  });

  it('does not match a wildcard whose ends would overlap', () => {
    expect(matches({ f: [{ wildcard: 'ab*ba' }] }, { f: 'aba' })).toBe(false);
  });

  it('does not skip from one array element to another inside alternatives', () => {
    const event = {
      tags: [
        { k: 'a', v: '1' },
        { k: 'b', v: '2' },
      ],
    };
    expect(matches({ tags: { k: ['a'], $or: [{ v: ['2'] }, { v: ['3'] }] } }, event)).toBe(false);
    expect(matches({ tags: { k: ['b'], $or: [{ v: ['2'] }, { v: ['3'] }] } }, event)).toBe(true);
  });

  it.each([
    ['no object', '[]'],
    ['no JSON', '{'],
    ['nothing', '{}'],
    ['an empty array', '{"a":[]}'],
    ['two operators', '{"a":[{"prefix":"x","suffix":"y"}]}'],
    ['an unknown operator', '{"a":[{"infix":"x"}]}'],
    ['a falling range', '{"a":[{"numeric":[">",5,"<",1]}]}'],
    ['a mask over 32', '{"a":[{"cidr":"10.0.0.0/33"}]}'],
    ['a lone backslash', '{"a":[{"wildcard":"\\\\x"}]}'],
    ['an empty list of exceptions', '{"a":[{"anything-but":[]}]}'],
    ['exists with a text', '{"a":[{"exists":"yes"}]}'],
  ])('refuses %s', (_what, pattern) => {
    expect(() => compileEventPattern(pattern)).toThrow(
      expect.objectContaining({ code: 'InvalidEventPatternException' }),
    );
  });
});
