import { isObject, type Json } from '../json.ts';
import { expressionOf, syntaxError } from '../jsonata.ts';
import { isReferencePath, parsePath, type JsonPath } from '../json-path.ts';
import { parseIntrinsic } from '../intrinsic-parse.ts';
import type { Checked } from './report.ts';

const PATH_FIELDS = ['InputPath', 'OutputPath', 'ItemsPath'];
const VALUE_PATHS = [
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'MaxConcurrencyPath',
];
const TEMPLATES = ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign', 'Credentials'];
/** Fields of a JSONata state that hold no expressions. */
const NO_EXPRESSIONS = [
  'Type',
  'Comment',
  'QueryLanguage',
  'Next',
  'End',
  'Default',
  'Resource',
  'Retry',
  'Branches',
  'ItemProcessor',
  'Iterator',
  'Label',
];

/** Checks the paths, templates and expressions of a state. */
export function checkExpressions(checked: Checked): void {
  if (checked.language === 'JSONata') checkJsonata(checked);
  else checkJsonPath(checked);
}

/** Why a text is not a path; undefined when it is one. */
export function pathError(
  text: unknown,
  wanted: (path: JsonPath) => boolean = () => true,
): string | undefined {
  if (typeof text !== 'string') return 'must be a string';
  try {
    return wanted(parsePath(text)) ? undefined : 'must be a Reference Path';
  } catch {
    return 'must be a valid JSONPath';
  }
}

function checkJsonata({ state, location, report }: Checked): void {
  const visit = (value: Json, where: string): void => {
    if (typeof value === 'string') checkExpression(value, where);
    else if (Array.isArray(value))
      value.forEach((item, index) => visit(item, `${where}[${index}]`));
    else if (isObject(value))
      for (const [name, member] of Object.entries(value)) visit(member, `${where}/${name}`);
  };
  const checkExpression = (text: string, where: string): void => {
    const expression = expressionOf(text);
    if (expression === undefined) return;
    const wrong = syntaxError(expression);
    if (wrong) report.add(`The JSONata expression '${expression}' is not valid. ${wrong}`, where);
  };
  for (const [field, value] of Object.entries(state)) {
    if (!NO_EXPRESSIONS.includes(field)) visit(value, `${location}/${field}`);
  }
}

function checkJsonPath({ state, location, report }: Checked): void {
  for (const field of [...PATH_FIELDS, ...VALUE_PATHS]) {
    const value = state[field];
    if (value === undefined || (value === null && field !== 'ItemsPath')) continue;
    const why = pathError(value);
    if (why) report.add(`The value for the field '${field}' ${why}`, `${location}/${field}`);
  }
  const { ResultPath } = state;
  if (ResultPath !== undefined && ResultPath !== null) {
    const why = pathError(ResultPath, (path) => isReferencePath(path) && path.root.kind === 'data');
    if (why) report.add(`The value for the field 'ResultPath' ${why}`, `${location}/ResultPath`);
  }
  for (const field of TEMPLATES) {
    const template = state[field];
    if (template !== undefined) checkTemplate(template, `${location}/${field}`, report);
  }
}

function checkTemplate(template: Json, location: string, report: Checked['report']): void {
  if (Array.isArray(template)) {
    template.forEach((item, index) => checkTemplate(item, `${location}[${index}]`, report));
  }
  if (!isObject(template)) return;
  for (const [name, member] of Object.entries(template)) {
    if (!name.endsWith('.$')) {
      checkTemplate(member, `${location}/${name}`, report);
      continue;
    }
    if (name.slice(0, -2) in template) {
      report.add(`The payload template has both '${name.slice(0, -2)}' and '${name}'.`, location);
    }
    if (isDynamic(member)) continue;
    report.add(
      `The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call`,
      location,
    );
  }
}

function isDynamic(value: Json): boolean {
  if (typeof value !== 'string') return false;
  try {
    if (value.startsWith('States.')) parseIntrinsic(value);
    else parsePath(value);
    return true;
  } catch {
    return false;
  }
}
