import type { Action } from '#local/kernel/service.ts';
import { sourcesOf } from '../dead-letter.ts';
import { pageOf, type PageInput } from '../paging.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';

/** ListDeadLetterSourceQueues. */
export const listDeadLetterSourceQueues = (sqs: SqsContext): Action<QueueInput & PageInput> => ({
  reads: true,
  authorize: onQueue(sqs, 'ListDeadLetterSourceQueues'),
  run(input) {
    const sources = sourcesOf(sqs.queues, sqs.queues.byUrl(input.QueueUrl));
    const { page, NextToken } = pageOf(
      sources.map((queue) => queue.name),
      input,
    );
    return {
      queueUrls: page.map((name) => sqs.queues.url(name)),
      ...(NextToken === undefined ? {} : { NextToken }),
    };
  },
});
