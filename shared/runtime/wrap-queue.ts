import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type * as z from 'zod/mini';
import { logger } from './logger.ts';

/** A handler of a queue: one message at a time in order, only the failed ones come again. */
export function wrapQueue<Message>(
  schema: z.ZodMiniType<Message>,
  work: (message: Message) => Promise<void>,
) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>().handler(async (event: SQSEvent) => {
    const failed = await Promise.all(
      event.Records.map(async (record) => {
        try {
          await work(schema.parse(JSON.parse(record.body)));
          return [];
        } catch (error) {
          logger.error('a message failed', { message_id: record.messageId, error: error as Error });
          return [{ itemIdentifier: record.messageId }];
        }
      }),
    );
    return { batchItemFailures: failed.flat() };
  });
}
