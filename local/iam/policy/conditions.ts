import { BlockList, isIPv6 } from 'node:net';
import { AwsError } from '#local/kernel/aws-error.ts';
import { compileArnPattern, compilePattern, type VariableValue } from './pattern.ts';

/** The condition keys of one request. */
export interface ConditionContext {
  /** The values of a key (in lower case), undefined when the request does not have it. */
  values(lowerCaseKey: string): readonly string[] | undefined;
  readonly variable: VariableValue;
}

export type Condition = (context: ConditionContext) => boolean;

/** Compares one value of the request with one value of the policy. */
type Comparison = (value: string, context: ConditionContext) => boolean;

interface Operator {
  readonly compile: (policyValue: string) => Comparison;
  /** True for `…Not…`: holds when no value of the policy matches, and when the key is absent. */
  readonly negated?: boolean;
}

const text = (change: (value: string) => string): Operator => ({
  compile(policyValue) {
    const pattern = compilePattern(change(policyValue), { wildcards: false });
    return (value, context) =>
      pattern(change(value), (key) => {
        const variable = context.variable(key);
        return variable === undefined ? undefined : change(variable);
      });
  },
});

const same = (value: string): string => value;
// A variable's name is not case-sensitive either, so lower case may run over the whole pattern.
const lower = (value: string): string => value.toLowerCase();

const stringLike: Operator = {
  compile(policyValue) {
    const pattern = compilePattern(policyValue, { wildcards: true });
    return (value, context) => pattern(value, context.variable);
  },
};

const arnLike: Operator = {
  compile(policyValue) {
    const pattern = compileArnPattern(policyValue);
    if (!pattern) throw malformed(`${policyValue} is not an ARN`);
    return (value, context) => pattern(value, context.variable);
  },
};

const number = (compare: (value: number, limit: number) => boolean): Operator => ({
  compile(policyValue) {
    const limit = Number(policyValue);
    if (Number.isNaN(limit)) throw malformed(`${policyValue} is not a number`);
    return (value) => value.trim() !== '' && compare(Number(value), limit);
  },
});

const date = (compare: (value: number, limit: number) => boolean): Operator => ({
  compile(policyValue) {
    const limit = instant(policyValue);
    if (Number.isNaN(limit)) throw malformed(`${policyValue} is not a date`);
    return (value) => compare(instant(value), limit);
  },
});

/** ISO 8601, or seconds since the epoch, as milliseconds. */
const instant = (value: string): number =>
  /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value);

const ipAddress: Operator = {
  compile(policyValue) {
    const [address = '', bits] = policyValue.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const range = new BlockList();
    range.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
    return (value) => range.check(value, isIPv6(value) ? 'ipv6' : 'ipv4');
  },
};

const not = (operator: Operator): Operator => ({ compile: operator.compile, negated: true });

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: text(same),
  StringNotEquals: not(text(same)),
  StringEqualsIgnoreCase: text(lower),
  StringNotEqualsIgnoreCase: not(text(lower)),
  StringLike: stringLike,
  StringNotLike: not(stringLike),
  ArnEquals: arnLike,
  ArnLike: arnLike,
  ArnNotEquals: not(arnLike),
  ArnNotLike: not(arnLike),
  NumericEquals: number((value, limit) => value === limit),
  NumericNotEquals: not(number((value, limit) => value === limit)),
  NumericLessThan: number((value, limit) => value < limit),
  NumericLessThanEquals: number((value, limit) => value <= limit),
  NumericGreaterThan: number((value, limit) => value > limit),
  NumericGreaterThanEquals: number((value, limit) => value >= limit),
  DateEquals: date((value, limit) => value === limit),
  DateNotEquals: not(date((value, limit) => value === limit)),
  DateLessThan: date((value, limit) => value < limit),
  DateLessThanEquals: date((value, limit) => value <= limit),
  DateGreaterThan: date((value, limit) => value > limit),
  DateGreaterThanEquals: date((value, limit) => value >= limit),
  Bool: text(lower),
  BinaryEquals: text(same),
  IpAddress: ipAddress,
  NotIpAddress: not(ipAddress),
};

/**
 * One line of a statement's `Condition` as a predicate.
 *
 * @param name the operator with its prefix and suffix, such as `ForAllValues:StringLikeIfExists`
 * @throws AwsError `MalformedPolicyDocument` for an operator or value that IAM refuses
 */
export function compileCondition(name: string, key: string, values: readonly string[]): Condition {
  const lowerKey = key.toLowerCase();
  const [, set, base = '', ifExists] =
    /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  if (base === 'Null') return nullCondition(lowerKey, values);
  const operator = OPERATORS[base];
  if (!operator) throw malformed(`the condition operator ${name} does not exist`);
  const comparisons = values.map((value) => operator.compile(value));
  const negated = operator.negated === true;
  const holdsFor = (value: string, context: ConditionContext): boolean =>
    comparisons.some((compare) => compare(value, context)) !== negated;
  return (context) => {
    const actual = context.values(lowerKey);
    if (actual === undefined || actual.length === 0) {
      if (set) return set === 'ForAllValues:' || ifExists !== undefined;
      return negated || ifExists !== undefined;
    }
    const all = set === 'ForAllValues:' || (set === undefined && negated);
    return all
      ? actual.every((value) => holdsFor(value, context))
      : actual.some((value) => holdsFor(value, context));
  };
}

function nullCondition(lowerKey: string, values: readonly string[]): Condition {
  const absent = values.map((value) => value.toLowerCase() === 'true');
  return (context) => absent.includes(context.values(lowerKey) === undefined);
}

/** A policy that IAM would not accept. */
export function malformed(why: string): AwsError {
  return new AwsError('MalformedPolicyDocument', `The policy is malformed: ${why}.`);
}
