/** A message as ReceiveMessage answers it. */
export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly MD5OfBody: string;
  readonly Body: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MD5OfMessageAttributes?: string;
  readonly MessageAttributes?: Readonly<
    Record<
      string,
      {
        readonly DataType?: string;
        readonly StringValue?: string;
        readonly BinaryValue?: string;
      }
    >
  >;
}

/** A message as a function finds it in `Records`. */
export function sqsRecord(message: ReceivedMessage, queueArn: string): Record<string, unknown> {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
      ...(value.BinaryValue !== undefined && { binaryValue: value.BinaryValue }),
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes) as Record<string, unknown>,
    ...(message.MD5OfMessageAttributes !== undefined && {
      md5OfMessageAttributes: message.MD5OfMessageAttributes,
    }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3],
  };
}

/** A synchronous event holds at most 6 MB. */
const MAX_EVENT_BYTES = 6_291_456;

/** One event with its messages. */
export interface SqsEvent {
  readonly messages: readonly ReceivedMessage[];
  /** JSON. */
  readonly payload: string;
}

/** The events that hold these messages: one, or more where they exceed 6 MB together. */
export function sqsEvents(messages: readonly ReceivedMessage[], queueArn: string): SqsEvent[] {
  const events: SqsEvent[] = [];
  let held: { message: ReceivedMessage; text: string }[] = [];
  let bytes = 0;
  const close = (): void => {
    if (held.length === 0) return;
    const payload = `{"Records":[${held.map(({ text }) => text).join(',')}]}`;
    events.push({ messages: held.map(({ message }) => message), payload });
    held = [];
    bytes = 0;
  };
  for (const message of messages) {
    const text = JSON.stringify(sqsRecord(message, queueArn));
    const size = Buffer.byteLength(text) + 16;
    if (bytes + size > MAX_EVENT_BYTES) close();
    held.push({ message, text });
    bytes += size;
  }
  close();
  return events;
}
