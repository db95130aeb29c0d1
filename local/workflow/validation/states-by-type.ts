import { timestampOf } from '../choice-operators.ts';
import { isObject, type Json } from '../json.ts';
import { OPTIMIZED_SERVICES } from './service-integrations.ts';
import type { Checked } from './report.ts';

/** Checks what is particular to the type of a state. */
export function checkByType(checked: Checked): void {
  switch (checked.state['Type']) {
    case 'Task':
      return checkTask(checked);
    case 'Wait':
      return checkWait(checked);
    case 'Map':
      return checkMap(checked);
    default:
  }
}

function checkTask({ state, location, express, report }: Checked): void {
  const { Resource, Credentials } = state;
  if (Resource !== undefined)
    checkResource(Resource, { location: `${location}/Resource`, express, report });
  if (Credentials !== undefined) {
    if (!isObject(Credentials))
      report.add('Expected value of type Object', `${location}/Credentials`);
    else if (Credentials['RoleArn'] === undefined && Credentials['RoleArn.$'] === undefined) {
      report.add("The field 'RoleArn' is required but was missing", `${location}/Credentials`);
    }
  }
  checkRange(state, 'TimeoutSeconds', { from: 1, to: 99_999_999 }, { location, report });
  checkRange(state, 'HeartbeatSeconds', { from: 1, to: 99_999_999 }, { location, report });
}

function checkResource(
  resource: Json,
  at: { location: string; express: boolean; report: Checked['report'] },
): void {
  if (typeof resource !== 'string' || resource === '') {
    at.report.add('Expected value of type String', at.location);
    return;
  }
  if (/\$\{[^}]*$/.test(resource)) {
    at.report.add(`The resource provided ${resource} is not a valid resource ARN.`, at.location);
    return;
  }
  const [, service, action = '', variant] =
    /^arn:aws[a-z-]*:states:[^:]*:[^:]*:([a-z0-9-]+):([A-Za-z0-9]+)(?:\.(.+))?$/.exec(resource) ??
    [];
  if (service === undefined || service === 'activity' || service === 'aws-sdk')
    return checkVariant(resource, at);
  const known = OPTIMIZED_SERVICES[service];
  if (known && (known === 'any' || known.includes(action))) return checkVariant(variant ?? '', at);
  at.report.add(
    `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    at.location,
  );
}

function checkVariant(
  variant: string,
  at: { location: string; express: boolean; report: Checked['report'] },
): void {
  if (!at.express) return;
  const name = /(waitForTaskToken|sync(:2)?)$/.exec(variant)?.[1];
  if (name)
    at.report.add(
      `Express state machine does not support '.${name}' service integration`,
      at.location,
    );
}

function checkWait({ state, location, language, report }: Checked): void {
  const { Timestamp } = state;
  const isExpression =
    language === 'JSONata' && typeof Timestamp === 'string' && Timestamp.startsWith('{%');
  if (Timestamp !== undefined && !isExpression && timestampOf(Timestamp) === undefined) {
    report.add('String does not match RFC3339 timestamp', `${location}/Timestamp`);
  }
  checkRange(state, 'Seconds', { from: 0, to: 99_999_999 }, { location, report });
}

function checkMap({ state, location, report }: Checked): void {
  checkRange(state, 'MaxConcurrency', { from: 0, to: Infinity }, { location, report });
  checkRange(state, 'ToleratedFailureCount', { from: 0, to: Infinity }, { location, report });
  checkRange(state, 'ToleratedFailurePercentage', { from: 0, to: 100 }, { location, report });
  const { Label } = state;
  if (Label !== undefined) checkLabel(Label, `${location}/Label`, report);
  for (const [field, members] of Object.entries(MAP_PARTS)) {
    const part = field
      .split('/')
      .reduce<Json | undefined>(
        (value, name) => (isObject(value) ? value[name] : undefined),
        state,
      );
    if (!isObject(part)) continue;
    for (const member of members) {
      if (part[member] === undefined || part[`${member}Path`] === undefined) continue;
      report.add(
        `You cannot include both '${member}' and '${member}Path'. Choose one.`,
        `${location}/${field}`,
      );
    }
  }
}

const MAP_PARTS: Readonly<Record<string, readonly string[]>> = {
  'ItemReader/ReaderConfig': ['MaxItems'],
  ItemBatcher: ['MaxItemsPerBatch', 'MaxInputBytesPerBatch'],
};

function checkLabel(label: Json, location: string, report: Checked['report']): void {
  if (typeof label !== 'string') return report.add('Expected value of type String', location);
  if (label.length > 40) report.add('Label cannot exceed 40 characters', location);
  // White space, brackets, wildcards, ARN and URL signs, and control characters.

  const wrong = /[\s?*<>{}[\]:;,\\|^~$#%&`"\u0000-\u001f\u007f-\u009f]/.exec(label);
  if (wrong) report.add(`Label contains invalid character: '${wrong[0]}'`, location);
}

function checkRange(
  state: Checked['state'],
  field: string,
  range: { from: number; to: number },
  { location, report }: Pick<Checked, 'location' | 'report'>,
): void {
  const value = state[field];
  if (typeof value !== 'number') return;
  if (value < range.from || value > range.to) {
    report.add(`Value must be from ${range.from} to ${range.to}`, `${location}/${field}`);
  }
}
