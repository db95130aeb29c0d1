import { describe, expect, test } from '@jest/globals';
import { callIntrinsic } from '#local/workflow/intrinsic-functions.ts';
import type { Json } from '#local/workflow/json.ts';
import { parsePath, PathSyntaxError } from '#local/workflow/json-path.ts';
import { queryPath } from '#local/workflow/json-path-query.ts';
import { fillTemplate } from '#local/workflow/payload-template.ts';
import { placeResult } from '#local/workflow/reference-path.ts';

const DATA: Json = {
  store: {
    books: [
      { t: 'a', price: 1 },
      { t: 'b', price: 20 },
      { t: 'c', price: 3, tag: null },
    ],
  },
  'a-b': 1,
};
const sources = {
  data: DATA,
  context: { Execution: { Name: 'run' } },
  variables: { v: { w: [5] } },
};

describe('a JSONPath', () => {
  test.each([
    ['$.store.books[0].t', 'a'],
    ['$.store.books[-1].t', 'c'],
    ['$.a-b', 1],
    ["$['store']['books'][1]['price']", 20],
    ['$.store.books[*].t', ['a', 'b', 'c']],
    ['$.store.books[1:].t', ['b', 'c']],
    ['$..price', [1, 20, 3]],
    ['$.store.books[?(@.price < 10)].t', ['a', 'c']],
    ["$.store.books[?(@.t == 'b' || @.tag)].price", [20, 3]],
    ['$.store.books.length()', 3],
    ['$$.Execution.Name', 'run'],
    ['$v.w[0]', 5],
    ['$.nowhere', undefined],
    ['$.nowhere[*]', []],
  ])('%s leads to %j', (path, expected) => {
    expect(queryPath(parsePath(path), sources)).toEqual(expected);
  });

  test.each(['store', '$.', '$[', "$['a", '$.a b'])('%j is not one', (text) => {
    expect(() => parsePath(text)).toThrow(PathSyntaxError);
  });

  test('places a result without touching its input', () => {
    const input: Json = { a: { b: 1 } };
    expect(placeResult(input, '$.a.c.d', 2)).toEqual({ a: { b: 1, c: { d: 2 } } });
    expect(input).toEqual({ a: { b: 1 } });
    expect(() => placeResult([], '$.a', 1)).toThrow('Unable to apply');
  });
});

describe('an intrinsic function', () => {
  test.each([
    ["States.Format('{} and \\\\{{}\\\\}', $.a-b, 'x')", '1 and {x}'],
    ["States.StringSplit('a,b;c', ',;')", ['a', 'b', 'c']],
    ['States.ArrayUnique(States.Array(1, 1, 2))', [1, 2]],
    ['States.MathAdd(-1.5, 0)', -1],
    [
      'States.JsonMerge(States.StringToJson(\'{"a":1}\'), States.StringToJson(\'{"b":2}\'), false)',
      { a: 1, b: 2 },
    ],
    ["States.Base64Decode(States.Base64Encode('é'))", 'é'],
  ])('%s gives %j', (text, expected) => {
    expect(callIntrinsic(text.replaceAll('\\\\', '\\'), sources)).toEqual(expected);
  });

  test('fails by name when an argument does not suit', () => {
    expect(() => callIntrinsic('States.ArrayLength(1)', sources)).toThrow('1 is not an array');
    expect(() => callIntrinsic("States.Format('{}')", sources)).toThrow('more {}');
  });

  test('fills a template beside paths and literals', () => {
    const template = {
      'x.$': '$.a-b',
      'y.$': "States.Format('n{}', $v.w[0])",
      z: ['$.a-b', { 'q.$': '$$.Execution.Name' }],
    };
    expect(fillTemplate(template, sources)).toEqual({ x: 1, y: 'n5', z: ['$.a-b', { q: 'run' }] });
  });
});
