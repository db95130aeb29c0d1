import type { QueryLanguage } from '../definition.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { checkChoices, checkErrorHandling } from './errors-and-choices.ts';
import { checkExpressions } from './expressions.ts';
import { Report, type Checked, type Diagnostic } from './report.ts';
import { checkFields, STATE_TYPES } from './state-fields.ts';
import { checkByType } from './states-by-type.ts';

export type { Diagnostic } from './report.ts';

/** The longest name that a state may have. */
const MAX_NAME = 80;

interface Definition {
  readonly express: boolean;
  readonly language: QueryLanguage;
  readonly report: Report;
  /** Every state's name so far: names are unique in the whole definition. */
  readonly names: Set<string>;
}

/** What AWS would refuse about a definition, in AWS's codes and, where they are known, its words. */
export function diagnose(text: string, { type }: { type: 'STANDARD' | 'EXPRESS' }): Diagnostic[] {
  const report = new Report();
  const definition = parsed(text, report);
  if (definition === undefined) return report.diagnostics;
  if (!isObject(definition)) {
    report.add('Expected value of type Object', '/');
    return report.diagnostics;
  }
  const language = languageOf(definition, 'JSONPath', '/', report);
  checkScope(definition, '', { express: type === 'EXPRESS', language, report, names: new Set() });
  return report.diagnostics;
}

function parsed(text: string, report: Report): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    report.add((error as Error).message, '/', 'INVALID_JSON_DESCRIPTION');
    return undefined;
  }
}

function checkScope(scope: JsonObject, location: string, definition: Definition): void {
  const { report } = definition;
  const missing = ['States', 'StartAt'].filter((field) => scope[field] === undefined);
  if (missing.length > 0)
    report.add(`These fields are required: [${missing.join(', ')}]`, location);
  const { States, StartAt } = scope;
  if (States === undefined) return;
  if (!isObject(States) || Object.keys(States).length === 0) {
    report.add("The field 'States' should have a non-empty value", `${location}/States`);
    return;
  }
  if (StartAt !== undefined && !has(States, StartAt)) {
    report.add(
      `Missing 'Next' target: ${JSON.stringify(StartAt)}`,
      `${location}/StartAt`,
      'MISSING_TRANSITION_TARGET',
    );
  }
  for (const [name, state] of Object.entries(States)) {
    checkName(name, `${location}/States/${name}`, definition);
    if (isObject(state)) checkState(state, `${location}/States/${name}`, States, definition);
    else report.add('Expected value of type Object', `${location}/States/${name}`);
  }
}

function checkName(name: string, location: string, { names, report }: Definition): void {
  if (name.length > MAX_NAME)
    report.add(`The name of a state has at most ${MAX_NAME} characters`, location);
  if (names.has(name))
    report.add(`Duplicate state name: ${name}`, location, 'DUPLICATE_STATE_NAME');
  names.add(name);
}

function checkState(
  state: JsonObject,
  location: string,
  siblings: JsonObject,
  definition: Definition,
): void {
  const { report, express } = definition;
  const type = state['Type'];
  if (typeof type !== 'string' || !STATE_TYPES.includes(type)) {
    report.add(
      `Value is not one of the allowed values: [${STATE_TYPES.join(', ')}]`,
      `${location}/Type`,
    );
    return;
  }
  const language = languageOf(state, definition.language, location, report);
  if (definition.language === 'JSONata' && state['QueryLanguage'] === 'JSONPath') {
    report.add(
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
      location,
    );
  }
  const checked: Checked = { state, location, language, express, report };
  checkFields(checked);
  checkExpressions(checked);
  checkErrorHandling(checked);
  checkByType(checked);
  if (type === 'Choice') checkChoices(checked);
  checkTransitions(checked, siblings);
  checkInner(state, location, definition);
}

function checkTransitions({ state, location, report }: Checked, siblings: JsonObject): void {
  const type = state['Type'] as string;
  if (
    !['Choice', 'Succeed', 'Fail'].includes(type) &&
    state['Next'] === undefined &&
    state['End'] !== true
  ) {
    report.add('One of these fields is required: [Next, End]', location);
  }
  const targets: [Json | undefined, string][] = [
    [state['Next'], `${location}/Next`],
    [state['Default'], `${location}/Default`],
    ...targetsOf(state['Catch'], `${location}/Catch`),
    ...targetsOf(state['Choices'], `${location}/Choices`),
  ];
  for (const [target, where] of targets) {
    if (target === undefined || has(siblings, target)) continue;
    report.add(
      `Missing 'Next' target: ${JSON.stringify(target)}`,
      where,
      'MISSING_TRANSITION_TARGET',
    );
  }
}

function targetsOf(list: Json | undefined, location: string): [Json | undefined, string][] {
  if (!Array.isArray(list)) return [];
  return list.map((item, index) => [
    isObject(item) ? item['Next'] : undefined,
    `${location}[${index}]/Next`,
  ]);
}

function checkInner(state: JsonObject, location: string, definition: Definition): void {
  const { Branches, ItemProcessor, Iterator } = state;
  const inner: [Json | undefined, string][] = [
    [ItemProcessor, `${location}/ItemProcessor`],
    [Iterator, `${location}/Iterator`],
  ];
  if (Array.isArray(Branches)) {
    Branches.forEach((branch, index) => inner.push([branch, `${location}/Branches[${index}]`]));
    if (Branches.length === 0)
      definition.report.add("The field 'Branches' should have a non-empty value", location);
  }
  for (const [scope, where] of inner) {
    if (scope === undefined) continue;
    if (isObject(scope)) checkScope(scope, where, definition);
    else definition.report.add('Expected value of type Object', where);
  }
}

function languageOf(
  owner: JsonObject,
  inherited: QueryLanguage,
  location: string,
  report: Report,
): QueryLanguage {
  const language = owner['QueryLanguage'];
  if (language === undefined) return inherited;
  if (language === 'JSONPath' || language === 'JSONata') return language;
  report.add(
    'Value is not one of the allowed values: [JSONPath, JSONata]',
    `${location}/QueryLanguage`,
  );
  return inherited;
}

const has = (states: JsonObject, name: Json): boolean =>
  typeof name === 'string' && Object.hasOwn(states, name);
