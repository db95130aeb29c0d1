import { AwsError } from '#local/kernel/aws-error.ts';
import { accessDenied } from './s3-errors.ts';

/** A form upload as its policy judges it: fields with names in lower case. */
export interface JudgedForm {
  readonly bucket: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Bytes of the file. */
  readonly size: number;
}

type Condition =
  | {
      readonly kind: 'eq' | 'starts-with';
      readonly field: string;
      readonly value: string;
      readonly text: string;
    }
  | { readonly kind: 'content-length-range'; readonly least: number; readonly most: number };

/** Fields that no condition need cover, besides those that begin with `x-ignore-`. */
const FREE_FIELDS = new Set(['x-amz-signature', 'policy', 'file', 'submit']);

/**
 * Judges a form by its signed policy: expiry, every condition, and that every field is covered.
 *
 * @param now milliseconds since the epoch
 * @throws AwsError AccessDenied, InvalidPolicyDocument, EntityTooLarge or EntityTooSmall
 */
export function checkFormPolicy(form: JudgedForm, policyBase64: string, now: number): void {
  const { expiration, conditions } = readPolicy(policyBase64);
  if (now >= expiration) throw failed('Policy expired.');
  const fields: Record<string, string> = { ...form.fields, bucket: form.bucket };
  const covered = new Set<string>();
  for (const condition of conditions) {
    if (condition.kind === 'content-length-range') {
      checkSize(condition, form.size);
      continue;
    }
    covered.add(condition.field);
    const actual = fields[condition.field] ?? '';
    const holds =
      condition.kind === 'eq'
        ? actual === condition.value
        : startsWith(condition.field, actual, condition.value);
    if (!holds) throw failed(`Policy Condition failed: ${condition.text}`);
  }
  const extra = Object.keys(form.fields).filter(
    (name) => !covered.has(name) && !FREE_FIELDS.has(name) && !name.startsWith('x-ignore-'),
  );
  if (extra.length > 0) throw failed(`Extra input fields: ${extra.join(', ')}`);
}

const failed = (why: string): AwsError => accessDenied(`Invalid according to Policy: ${why}`);

const badDocument = (why: string): AwsError =>
  new AwsError('InvalidPolicyDocument', `Invalid Policy: ${why}`);

/** Content types may be a list, each of which must begin so. */
function startsWith(field: string, actual: string, prefix: string): boolean {
  if (field !== 'content-type') return actual.startsWith(prefix);
  return actual.split(',').every((type) => type.trim().startsWith(prefix));
}

function checkSize({ least, most }: { least: number; most: number }, size: number): void {
  if (size > most) {
    throw new AwsError(
      'EntityTooLarge',
      'Your proposed upload exceeds the maximum allowed size',
      400,
      {
        ProposedSize: size,
        MaxSizeAllowed: most,
      },
    );
  }
  if (size < least) {
    throw new AwsError(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      400,
      {
        ProposedSize: size,
        MinSizeAllowed: least,
      },
    );
  }
}

function readPolicy(base64: string): { expiration: number; conditions: Condition[] } {
  let document: { expiration?: unknown; conditions?: unknown };
  try {
    document = JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as typeof document;
  } catch {
    throw badDocument('Invalid JSON.');
  }
  const expiration = Date.parse(String(document.expiration));
  if (Number.isNaN(expiration)) throw badDocument("Invalid 'expiration' value");
  if (!Array.isArray(document.conditions)) throw badDocument('Policy missing conditions.');
  return { expiration, conditions: document.conditions.flatMap(readCondition) };
}

function readCondition(condition: unknown): Condition[] {
  const text = JSON.stringify(condition);
  if (Array.isArray(condition)) {
    const [operator, first, second] = condition as unknown[];
    const kind = String(operator).toLowerCase();
    if (kind === 'content-length-range') {
      return [{ kind, least: Number(first), most: Number(second) }];
    }
    if ((kind === 'eq' || kind === 'starts-with') && String(first).startsWith('$')) {
      const field = String(first).slice(1).toLowerCase();
      return [{ kind, field, value: String(second), text }];
    }
    throw badDocument(`Invalid Condition: ${text}`);
  }
  if (typeof condition !== 'object' || condition === null) {
    throw badDocument(`Invalid Condition: ${text}`);
  }
  return Object.entries(condition).map(([name, value]) => ({
    kind: 'eq',
    field: name.toLowerCase(),
    value: String(value),
    text: JSON.stringify(['eq', `$${name}`, value]),
  }));
}
