import { createHash } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import { invalidParameter } from './sqs-error.ts';

/** One message attribute; binary values are base64, as on the wire. */
export interface MessageAttribute {
  readonly DataType?: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
  readonly StringListValues?: readonly string[];
  readonly BinaryListValues?: readonly string[];
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const NAME = /^(?!aws\.|amazon\.)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/i;
const MOST_ATTRIBUTES = 10;
/** Everything that XML 1.0 does not allow, which SQS refuses in bodies and attribute values. */

const FORBIDDEN = /[^\x09\x0A\x0D\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** @throws AwsError InvalidParameterValue or InvalidMessageContents for attributes that SQS refuses */
export function checkMessageAttributes(attributes: MessageAttributes): void {
  const count = Object.keys(attributes).length;
  if (count > MOST_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${count}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`,
    );
  }
  for (const [name, attribute] of Object.entries(attributes)) checkAttribute(name, attribute);
}

/** @throws AwsError InvalidMessageContents for characters that are no XML text */
export function checkCharacters(text: string): void {
  if (FORBIDDEN.test(text)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
    );
  }
}

/** Bytes that attributes add to a message's size: names, types and values. */
export function attributesSize(attributes: MessageAttributes): number {
  let bytes = 0;
  for (const [name, { DataType = '', StringValue, BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType);
    bytes += StringValue === undefined ? 0 : Buffer.byteLength(StringValue);
    bytes += BinaryValue === undefined ? 0 : Buffer.byteLength(BinaryValue, 'base64');
  }
  return bytes;
}

/** The digest over attributes that SDKs can check: names sorted, each part with its length before. */
export function md5OfAttributes(attributes: MessageAttributes): string {
  const hash = createHash('md5');
  const add = (part: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] ?? {};
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.of(BinaryValue === undefined ? 1 : 2));
    add(
      BinaryValue === undefined
        ? Buffer.from(StringValue ?? '')
        : Buffer.from(BinaryValue, 'base64'),
    );
  }
  return hash.digest('hex');
}

/** The attributes that a receiver asked for: a name, `All`, `.*` or `prefix.*`. */
export function chosenAttributes(
  attributes: MessageAttributes,
  wanted: readonly string[],
): MessageAttributes {
  const chosen = Object.entries(attributes).filter(([name]) =>
    wanted.some(
      (want) =>
        want === 'All' ||
        want === '.*' ||
        want === name ||
        (want.endsWith('.*') && name.startsWith(want.slice(0, -1))),
    ),
  );
  return Object.fromEntries(chosen);
}

export const md5Of = (text: string): string => createHash('md5').update(text).digest('hex');

function checkAttribute(name: string, attribute: MessageAttribute): void {
  const { DataType, StringValue, BinaryValue } = attribute;
  if (name.length > 256 || !NAME.test(name)) {
    throw invalidParameter(
      `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    );
  }
  const kind = (DataType ?? '').split('.', 1)[0] ?? '';
  if (!['String', 'Number', 'Binary'].includes(kind) || (DataType ?? '').length > 256) {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const value = kind === 'Binary' ? BinaryValue : StringValue;
  if (value === undefined || value === '') {
    throw invalidParameter(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${kind === 'Binary' ? 'Binary' : 'String'}'.`,
    );
  }
  if (kind !== 'Binary') checkCharacters(value);
  if (kind === 'Number' && !Number.isFinite(Number(value))) {
    throw invalidParameter(
      `Can't cast the value of message (user) attribute '${name}' to a number.`,
    );
  }
}
