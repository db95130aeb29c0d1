import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileCondition } from '#local/iam/policy/conditions.ts';

const context = (keys: Record<string, readonly string[]>) => ({
  values: (key: string) => keys[key],
  variable: (key: string) => keys[key.toLowerCase()]?.[0],
});

const holds = (operator: string, values: readonly string[], actual?: readonly string[]) =>
  compileCondition(operator, 'Some:Key', values)(context(actual ? { 'some:key': actual } : {}));

describe('a condition', () => {
  it.each([
    ['StringEquals', ['a'], ['a'], true],
    ['StringEquals', ['a'], ['A'], false],
    ['StringEquals', ['a*'], ['ab'], false],
    ['StringEquals', ['a', 'b'], ['b'], true],
    ['StringNotEquals', ['a', 'b'], ['b'], false],
    ['StringNotEquals', ['a', 'b'], ['c'], true],
    ['StringEqualsIgnoreCase', ['Ab'], ['aB'], true],
    ['StringNotEqualsIgnoreCase', ['Ab'], ['aB'], false],
    ['StringLike', ['a*'], ['ab'], true],
    ['StringNotLike', ['a*'], ['ab'], false],
    ['ArnLike', ['arn:aws:sqs:*:*:q*'], ['arn:aws:sqs:us-east-1:1:queue'], true],
    ['ArnEquals', ['arn:aws:sqs:*:*:q*'], ['arn:aws:sqs:us-east-1:1:queue'], true],
    ['ArnNotLike', ['arn:aws:sqs:*:*:q*'], ['arn:aws:sqs:us-east-1:1:queue'], false],
    ['ArnLike', ['arn:aws:sqs:*:*:q*'], ['q'], false],
    ['NumericLessThan', ['10'], ['9'], true],
    ['NumericLessThan', ['10'], ['10'], false],
    ['NumericLessThanEquals', ['10'], ['10'], true],
    ['NumericGreaterThan', ['10'], ['9'], false],
    ['NumericGreaterThanEquals', ['10'], ['10'], true],
    ['NumericEquals', ['10'], ['10.0'], true],
    ['NumericNotEquals', ['10'], ['10'], false],
    ['NumericEquals', ['0'], [''], false],
    ['DateLessThan', ['2026-01-02T00:00:00Z'], ['2026-01-01T00:00:00Z'], true],
    ['DateGreaterThan', ['2026-01-02T00:00:00Z'], ['2026-01-01T00:00:00Z'], false],
    ['DateEquals', ['1767225600'], ['2026-01-01T00:00:00Z'], true],
    ['Bool', ['true'], ['TRUE'], true],
    ['Bool', ['false'], ['true'], false],
    ['BinaryEquals', ['QUI='], ['QUI='], true],
    ['IpAddress', ['127.0.0.0/8'], ['127.0.0.1'], true],
    ['IpAddress', ['10.0.0.1'], ['127.0.0.1'], false],
    ['NotIpAddress', ['10.0.0.0/8'], ['127.0.0.1'], true],
    ['IpAddress', ['2001:db8::/32'], ['2001:db8::1'], true],
    ['Null', ['true'], ['x'], false],
    ['Null', ['false'], ['x'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAnyValue:StringLike', ['a*'], ['b', 'ab'], true],
    ['ForAnyValue:StringEquals', ['a'], ['b'], false],
    ['ForAllValues:StringNotEquals', ['a'], ['b', 'a'], false],
    ['ForAnyValue:StringNotEquals', ['a'], ['b', 'a'], true],
  ])('%s %j and %j: %s', (operator, values, actual, expected) => {
    expect(holds(operator, values, actual)).toBe(expected);
  });

  it.each([
    ['StringEquals', false],
    ['StringNotEquals', true],
    ['StringLike', false],
    ['ArnNotLike', true],
    ['StringEqualsIfExists', true],
    ['BoolIfExists', true],
    ['ForAllValues:StringEquals', true],
    ['ForAnyValue:StringEquals', false],
  ])('%s says %s of an absent key', (operator, expected) => {
    const value = operator.startsWith('Arn') ? 'arn:aws:s3:::x' : 'x';

    expect(holds(operator, [value])).toBe(expected);
  });

  it('says by Null whether a key is absent', () => {
    expect(holds('Null', ['true'])).toBe(true);
    expect(holds('Null', ['false'])).toBe(false);
  });

  it('compares with a variable, also without regard to case', () => {
    const keys = context({ 'some:key': ['TENANT'], 'aws:principaltag/tenant': ['Tenant'] });
    const value = ['${aws:PrincipalTag/Tenant}'];

    expect(compileCondition('StringEqualsIgnoreCase', 'some:key', value)(keys)).toBe(true);
    expect(compileCondition('StringEquals', 'some:key', value)(keys)).toBe(false);
  });

  it('refuses an operator that does not exist and a value that is of another kind', () => {
    expect(() => compileCondition('StringMatches', 'k', ['a'])).toThrow('StringMatches');
    expect(() => compileCondition('NumericEquals', 'k', ['many'])).toThrow('not a number');
    expect(() => compileCondition('ArnLike', 'k', ['queue'])).toThrow('not an ARN');
  });

  it('is the opposite of its negation for one present value', () => {
    const values = fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(values, fc.string({ maxLength: 3 }), (allowed, actual) => {
        for (const base of ['String%Equals', 'String%Like', 'String%EqualsIgnoreCase']) {
          const [positive, negative] = [base.replace('%', ''), base.replace('%', 'Not')];
          expect(holds(positive, allowed, [actual])).toBe(!holds(negative, allowed, [actual]));
        }
      }),
    );
  });
});
