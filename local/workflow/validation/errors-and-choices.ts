import { isOperator } from '../choice-operators.ts';
import { isObject, type Json } from '../json.ts';
import { isReferencePath } from '../json-path.ts';
import { pathError } from './expressions.ts';
import type { Checked } from './report.ts';

/** Checks the Retry and Catch of a state. */
export function checkErrorHandling({ state, location, report }: Checked): void {
  listOf(state['Retry']).forEach((retrier, index) => {
    const where = `${location}/Retry[${index}]`;
    if (!isObject(retrier)) return report.add('Expected value of type Object', where);
    checkErrorEquals(retrier['ErrorEquals'], where, report);
    checkNumber(retrier, 'IntervalSeconds', { from: 1, whole: true }, where, report);
    checkNumber(retrier, 'MaxAttempts', { from: 0, whole: true }, where, report);
    checkNumber(retrier, 'MaxDelaySeconds', { from: 1, whole: true }, where, report);
    checkNumber(retrier, 'BackoffRate', { from: 1, whole: false }, where, report);
    const jitter = retrier['JitterStrategy'];
    if (jitter !== undefined && jitter !== 'FULL' && jitter !== 'NONE') {
      report.add('Value is not one of the allowed values: [FULL, NONE]', `${where}/JitterStrategy`);
    }
  });
  listOf(state['Catch']).forEach((catcher, index) => {
    const where = `${location}/Catch[${index}]`;
    if (!isObject(catcher)) return report.add('Expected value of type Object', where);
    checkErrorEquals(catcher['ErrorEquals'], where, report);
    if (typeof catcher['Next'] !== 'string') report.add('These fields are required: [Next]', where);
  });
}

/** Checks the rules of a Choice. */
export function checkChoices(checked: Checked): void {
  const { state, location, report } = checked;
  const { Choices } = state;
  if (!Array.isArray(Choices) || Choices.length === 0) {
    report.add("The field 'Choices' should have a non-empty value", location);
    return;
  }
  Choices.forEach((rule, index) => {
    const where = `${location}/Choices[${index}]`;
    if (!isObject(rule)) return report.add('Expected value of type Object', where);
    if (typeof rule['Next'] !== 'string') report.add('These fields are required: [Next]', where);
    if (checked.language === 'JSONata') checkCondition(rule, where, report);
    else checkComparison(rule, where, report);
  });
}

function checkCondition(
  rule: Record<string, Json>,
  where: string,
  report: Checked['report'],
): void {
  const { Condition } = rule;
  const isExpression = typeof Condition === 'string' && Condition.startsWith('{%');
  if (typeof Condition !== 'boolean' && !isExpression) {
    report.add(
      "The field 'Condition' is required and must be a boolean or a JSONata expression",
      where,
    );
  }
}

function checkComparison(rule: Json | undefined, where: string, report: Checked['report']): void {
  if (!isObject(rule)) return report.add('Expected value of type Object', where);
  for (const field of ['And', 'Or']) {
    const inner = rule[field];
    if (inner === undefined) continue;
    if (!Array.isArray(inner) || inner.length === 0)
      report.add(`The field '${field}' should have a non-empty value`, where);
    else
      inner.forEach((each, index) => checkComparison(each, `${where}/${field}[${index}]`, report));
    return;
  }
  if (rule['Not'] !== undefined) return checkComparison(rule['Not'], `${where}/Not`, report);
  const why = pathError(rule['Variable']);
  if (why) report.add(`The value for the field 'Variable' ${why}`, where);
  const operators = Object.keys(rule).filter(isOperator);
  if (operators.length !== 1) report.add('A choice rule must have exactly one operator', where);
  const path = operators.find((operator) => operator.endsWith('Path'));
  const wrong = path && pathError(rule[path], isReferencePath);
  if (wrong) report.add(`The value for the field '${path}' ${wrong}`, where);
}

function checkErrorEquals(value: Json | undefined, where: string, report: Checked['report']): void {
  const names = Array.isArray(value) ? value : [];
  if (names.length === 0)
    return report.add("The field 'ErrorEquals' should have a non-empty value", where);
  if (names.some((name) => typeof name !== 'string')) {
    report.add('Expected value of type String', `${where}/ErrorEquals`);
  }
  if (names.length > 1 && names.includes('States.ALL')) {
    report.add('States.ALL must appear alone in ErrorEquals', `${where}/ErrorEquals`);
  }
}

function checkNumber(
  retrier: Record<string, Json>,
  field: string,
  rule: { from: number; whole: boolean },
  where: string,
  report: Checked['report'],
): void {
  const value = retrier[field];
  if (value === undefined) return;
  const valid =
    typeof value === 'number' && value >= rule.from && (!rule.whole || Number.isInteger(value));
  if (!valid)
    report.add(
      `Value must be ${rule.whole ? 'an integer' : 'a number'} of at least ${rule.from}`,
      `${where}/${field}`,
    );
}

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
