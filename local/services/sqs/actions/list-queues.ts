import type { Action } from '#local/kernel/service.ts';
import { pageOf, type PageInput } from '../paging.ts';
import type { SqsContext } from '../sqs-context.ts';

interface Input extends PageInput {
  readonly QueueNamePrefix?: string;
}

/** ListQueues. */
export const listQueues = (sqs: SqsContext): Action<Input> => ({
  reads: true,
  authorize: () => [{ action: 'sqs:ListQueues', resource: '*' }],
  run(input) {
    const names = sqs.queues.all().map((queue) => queue.name);
    const { page, NextToken } = pageOf(
      names.filter((name) => name.startsWith(input.QueueNamePrefix ?? '')),
      input,
    );
    return {
      ...(page.length > 0 ? { QueueUrls: page.map((name) => sqs.queues.url(name)) } : {}),
      ...(NextToken === undefined ? {} : { NextToken }),
    };
  },
});
