import { createHash, randomUUID } from 'node:crypto';
import type { Principal } from '#local/kernel/service.ts';
import {
  attributesSize,
  checkCharacters,
  checkMessageAttributes,
  md5Of,
  md5OfAttributes,
  type MessageAttributes,
} from './message-attributes.ts';
import { numberOf, type Queue } from './queue-store.ts';
import {
  integerParameter,
  invalidParameter,
  missingParameter,
  notForThisQueueType,
} from './sqs-error.ts';
import type { SqsContext } from './sqs-context.ts';

/** One message as SendMessage, or an entry of SendMessageBatch, has it. */
export interface MessageInput {
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: MessageAttributes;
  readonly MessageSystemAttributes?: MessageAttributes;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

export interface AcceptedMessage {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly MD5OfMessageSystemAttributes?: string;
}

const GROUP_ID = /^[\x21-\x7e]{1,128}$/;
const TRACE_HEADER = 'AWSTraceHeader';

/** Bytes of body and attributes together, which is what the size limits count. */
export const sizeOf = (message: MessageInput): number =>
  Buffer.byteLength(message.MessageBody ?? '') + attributesSize(message.MessageAttributes ?? {});

/**
 * Puts a message into a queue, in as many copies and as late as the faults say. Copies carry the
 * same message id, as when a standard queue delivers twice.
 *
 * @throws AwsError for what SQS refuses
 */
export function acceptMessage(
  sqs: SqsContext,
  queue: Queue,
  input: MessageInput,
  principal: Principal,
): AcceptedMessage {
  const { body, delaySeconds, attributes, system } = checked(queue, input);
  const id = randomUUID();
  const digest = hasAny(attributes) ? md5OfAttributes(attributes) : undefined;
  for (const delay of sqs.cloud.faults.deliveries()) {
    sqs.messages.insert(queue.name, {
      id,
      body,
      attributes: digest === undefined ? null : JSON.stringify(attributes),
      trace: system[TRACE_HEADER]?.StringValue ?? null,
      group: input.MessageGroupId ?? '',
      sender: senderId(principal, sqs.cloud.account),
      delayMs: delaySeconds * 1000 + delay,
    });
  }
  return {
    MessageId: id,
    MD5OfMessageBody: md5Of(body),
    ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
    ...(hasAny(system) ? { MD5OfMessageSystemAttributes: md5OfAttributes(system) } : {}),
  };
}

function checked(queue: Queue, input: MessageInput) {
  const { MessageBody: body, MessageAttributes, MessageSystemAttributes } = input;
  if (typeof body !== 'string' || body === '') throw missingParameter('MessageBody');
  checkCharacters(body);
  const attributes = MessageAttributes ?? {};
  const system = MessageSystemAttributes ?? {};
  checkMessageAttributes(attributes);
  checkSystemAttributes(system);
  checkGroup(input);
  const limit = numberOf(queue, 'MaximumMessageSize');
  if (sizeOf(input) > limit) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    );
  }
  const delaySeconds =
    integerParameter('DelaySeconds', input.DelaySeconds, {
      min: 0,
      max: 900,
      range: 'DelaySeconds must be >= 0 and <= 900.',
    }) ?? numberOf(queue, 'DelaySeconds');
  return { body, delaySeconds, attributes, system };
}

function checkGroup({ MessageGroupId, MessageDeduplicationId }: MessageInput): void {
  if (MessageDeduplicationId !== undefined) {
    throw notForThisQueueType('MessageDeduplicationId', MessageDeduplicationId);
  }
  if (MessageGroupId !== undefined && !GROUP_ID.test(MessageGroupId)) {
    throw invalidParameter(
      `Value ${MessageGroupId} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }
}

function checkSystemAttributes(attributes: MessageAttributes): void {
  for (const [name, { DataType }] of Object.entries(attributes)) {
    if (name !== TRACE_HEADER || DataType !== 'String') {
      throw invalidParameter(`Message system attribute name '${name}' is invalid.`);
    }
  }
}

/** The unique id of whoever sent it, in the shape that AWS gives: an account or `<role id>:<session>`. */
function senderId(principal: Principal, account: string): string {
  switch (principal.kind) {
    case 'root':
      return account;
    case 'role':
      return `AROA${idOf(principal.roleArn)}:${principal.sessionName}`;
    case 'service':
      return `AIDA${idOf(principal.service)}`;
  }
}

const idOf = (name: string): string =>
  createHash('sha256').update(name).digest('hex').slice(0, 17).toUpperCase();

const hasAny = (attributes: MessageAttributes): boolean => Object.keys(attributes).length > 0;
