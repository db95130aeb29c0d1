import { Duration } from 'aws-cdk-lib';
import { EventBus, Rule, Schedule, type EventPattern } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '../config/function-names.ts';
import type { PlatformFunction } from './platform-function.ts';
import { onlyOverHttps, type TaskQueue } from './task-queue.ts';

export interface EventRulesProps {
  readonly functions: Readonly<Record<FunctionName, PlatformFunction>>;
  readonly machineArn: string;
  readonly mailboxBucket: string;
  readonly clusterArn: string;
  readonly configurationSet: string;
  readonly queues: TaskQueue;
}

/** What wakes the functions that nobody calls: queues, events and the clock. */
export class EventRules extends Construct {
  constructor(scope: Construct, id: string, props: EventRulesProps) {
    super(scope, id);
    const { functions } = props;
    this.#consume('Main', props.queues.main, functions['start-run']);
    this.#consume('High', props.queues.high, functions['start-run']);
    const lost = new Queue(this, 'Undelivered', {
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: Duration.days(14),
    });
    onlyOverHttps(lost);
    this.#rule('RunEnded', lost, functions['finish-run'], {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: {
        stateMachineArn: [props.machineArn],
        status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
      },
    });
    this.#rule('SandboxResult', lost, functions['finish-sandbox-job'], {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: {
        bucket: { name: [props.mailboxBucket] },
        object: { key: [{ suffix: '/result.json' }] },
      },
    });
    this.#rule('SandboxStopped', lost, functions['finish-sandbox-job'], {
      source: ['aws.ecs'],
      detailType: ['ECS Task State Change'],
      detail: { clusterArn: [props.clusterArn], lastStatus: ['STOPPED'] },
    });
    this.#rule('MailSent', lost, functions['record-mail-event'], {
      source: ['aws.ses'],
      detailType: ['Email Sent'],
      detail: { mail: { tags: { 'ses:configuration-set': [props.configurationSet] } } },
    });
    new Rule(this, 'EachMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(functions.sweep.live, { retryAttempts: 0, deadLetterQueue: lost }),
      ],
    });
  }

  #consume(id: string, queue: Queue, consumer: PlatformFunction): void {
    new EventSourceMapping(this, `${id}Queue`, {
      target: consumer.live,
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
    });
    consumer.allow(
      `Consume${id}`,
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      [queue.queueArn],
    );
  }

  #rule(id: string, lost: Queue, target: PlatformFunction, pattern: EventPattern): void {
    new Rule(this, id, {
      eventPattern: pattern,
      targets: [
        new LambdaFunction(target.live, {
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
          deadLetterQueue: lost,
        }),
      ],
    });
  }
}

/** The bus on which Mirai tells of its own events. */
export const platformBus = (scope: Construct, stage: string): EventBus =>
  new EventBus(scope, 'Bus', { eventBusName: `mirai-${stage}` });
