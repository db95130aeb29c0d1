import type { Cloud } from '#local/kernel/cloud.ts';

/** The topic that wakes whoever waits for messages of a queue: `sqs:<arn>`. */
export const topicOf = (cloud: Cloud, queue: string): string => `sqs:${cloud.arn('sqs', queue)}`;
