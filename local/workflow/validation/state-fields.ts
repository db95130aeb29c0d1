import type { Checked } from './report.ts';

const ANY = ['Type', 'Comment', 'QueryLanguage', 'Assign'];
const TRANSITION = ['Next', 'End'];
const PATHS = ['InputPath', 'OutputPath'];
const ERRORS = ['Retry', 'Catch'];
const RESULTS = ['ResultPath', 'ResultSelector', 'Parameters'];
const TIMES = ['TimeoutSeconds', 'HeartbeatSeconds'];
const MAP = [
  'ItemProcessor',
  'Iterator',
  'ItemSelector',
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'MaxConcurrency',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
  'Label',
];

const withPaths = (...fields: string[]): string[] =>
  fields.flatMap((field) => [field, `${field}Path`]);

/** The fields that a state of each type may have in JSONPath. */
const JSON_PATH: Readonly<Record<string, readonly string[]>> = {
  Pass: [...TRANSITION, ...PATHS, 'ResultPath', 'Parameters', 'Result'],
  Task: [
    ...TRANSITION,
    ...PATHS,
    ...RESULTS,
    ...ERRORS,
    ...withPaths(...TIMES),
    'Resource',
    'Credentials',
  ],
  Choice: [...PATHS, 'Choices', 'Default'],
  Wait: [...TRANSITION, ...PATHS, ...withPaths('Seconds', 'Timestamp')],
  Succeed: PATHS,
  Fail: withPaths('Error', 'Cause'),
  Parallel: [...TRANSITION, ...PATHS, ...RESULTS, ...ERRORS, 'Branches'],
  Map: [
    ...TRANSITION,
    ...PATHS,
    ...RESULTS,
    ...ERRORS,
    ...MAP,
    'ItemsPath',
    'MaxConcurrencyPath',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentagePath',
  ],
};

/** The fields that a state of each type may have in JSONata. */
const JSONATA: Readonly<Record<string, readonly string[]>> = {
  Pass: [...TRANSITION, 'Output'],
  Task: [...TRANSITION, ...ERRORS, ...TIMES, 'Output', 'Arguments', 'Resource', 'Credentials'],
  Choice: ['Output', 'Choices', 'Default'],
  Wait: [...TRANSITION, 'Output', 'Seconds', 'Timestamp'],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
  Parallel: [...TRANSITION, ...ERRORS, 'Output', 'Arguments', 'Branches'],
  Map: [...TRANSITION, ...ERRORS, ...MAP, 'Output', 'Items'],
};

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  Task: ['Resource'],
  Choice: ['Choices'],
  Parallel: ['Branches'],
};

/** Pairs of which a state may have only one. */
const EITHER: readonly (readonly [string, string])[] = [
  ['Error', 'ErrorPath'],
  ['Cause', 'CausePath'],
  ['TimeoutSeconds', 'TimeoutSecondsPath'],
  ['HeartbeatSeconds', 'HeartbeatSecondsPath'],
  ['MaxConcurrency', 'MaxConcurrencyPath'],
  ['ToleratedFailureCount', 'ToleratedFailureCountPath'],
  ['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
  ['ItemProcessor', 'Iterator'],
  ['Next', 'End'],
];

export const STATE_TYPES: readonly string[] = Object.keys(JSON_PATH);

/** Checks which fields a state has. */
export function checkFields({ state, location, language, report }: Checked): void {
  const type = state['Type'] as string;
  const allowed = (language === 'JSONata' ? JSONATA : JSON_PATH)[type] ?? [];
  for (const field of Object.keys(state)) {
    if (ANY.includes(field) || allowed.includes(field)) continue;
    report.add(unsupported(field, type, language), `${location}/${field}`);
  }
  const missing = (REQUIRED[type] ?? []).filter((field) => state[field] === undefined);
  if (missing.length > 0)
    report.add(`These fields are required: [${missing.join(', ')}]`, location);
  checkEither(state, location, report);
  if (type === 'Wait') checkWait(state, { location, report });
  if (type === 'Map' && state['ItemProcessor'] === undefined && state['Iterator'] === undefined) {
    report.add('These fields are required: [ItemProcessor]', location);
  }
}

function checkEither(state: Checked['state'], location: string, report: Checked['report']): void {
  for (const [one, other] of EITHER) {
    // `End: false` says nothing beside a Next.
    if (state[one] === undefined || (state[other] ?? false) === false) continue;
    report.add(`You cannot include both '${one}' and '${other}'. Choose one.`, location);
  }
}

function unsupported(field: string, type: string, language: string): string {
  const other = language === 'JSONata' ? JSON_PATH : JSONATA;
  const elsewhere = Object.values(other).some((fields) => fields.includes(field));
  if (elsewhere) return `The QueryLanguage '${language}' does not support the field '${field}'.`;
  return `Field '${field}' is not supported by a state of type '${type}'.`;
}

function checkWait(
  state: Checked['state'],
  { location, report }: Pick<Checked, 'location' | 'report'>,
): void {
  const given = withPaths('Seconds', 'Timestamp').filter((field) => state[field] !== undefined);
  if (given.length === 1) return;
  report.add(
    'A Wait state must have exactly one of Seconds, SecondsPath, Timestamp and TimestampPath.',
    location,
  );
}
