import { describe, expect, test } from '@jest/globals';
import type { Json } from '#local/workflow/json.ts';
import { runInMemory } from '#tests/support/virtual-host.ts';

const none = () => undefined;

async function output(expression: string, input: Json = null): Promise<unknown> {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'A',
    States: { A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } },
  };
  const { last } = await runInMemory(definition, input, none);
  return last?.data?.value ?? last?.details?.['cause'];
}

describe('JSONata', () => {
  test.each([
    ['$partition([1,2,3], 2)', [[1, 2], [3]]],
    ['$range(1, 5, 2)', [1, 3, 5]],
    ['$range(7, 7, 1)', 7],
    ["$hash('x', 'MD5')", '9dd4e461268c8034f5c8564e155c67a6'],
    ['$random(3) = $random(3)', true],
    ['$length($uuid())', 36],
    ['$parse(\'{"a":[1]}\').a', [1]],
    ['$states.input.list[n > 1]', [{ n: 2 }, { n: 3 }]],
    ['$states.context.State.Name', 'A'],
    ['{"f": function($x){$x}, "k": 1}', { k: 1 }],
  ])('%s gives %j', async (expression, expected) => {
    expect(await output(expression, { list: [{ n: 1 }, { n: 2 }, { n: 3 }] })).toEqual(expected);
  });

  test('has no $eval', async () => {
    expect(await output("$eval('1')")).toContain('T1006: Attempted to invoke a non-function');
  });

  test('names the field of an expression that gives nothing', async () => {
    expect(await output('$states.input.missing')).toBe(
      "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.input.missing' specified for the field 'Output' returned nothing (undefined).",
    );
  });

  test('leaves a string with anything around the braces alone', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Pass', Output: ' {% 1 %}', End: true } },
    };
    expect((await runInMemory(definition, null, none)).last?.data?.value).toBe(' {% 1 %}');
  });
});
