import { Aws, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  Metric,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import type { ApiStack } from './api-stack.ts';
import type { DataStack } from './data-stack.ts';
import type { RuntimeStack } from './runtime-stack.ts';

export interface OperationsStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly runtime: RuntimeStack;
  readonly api: ApiStack;
}

interface AlarmSpec {
  readonly metric: IMetric;
  readonly threshold: number;
  /** Missing data is itself the trouble. @default false */
  readonly silenceIsTrouble?: boolean;
}

/** What operators look at, and the role with which they act. Each alarm names its runbook section. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    super(scope, id, props);
    const alarms = this.#alarms(props);
    for (const [name, spec] of Object.entries(alarms)) this.#alarm(props.stage.name, name, spec);
    new Dashboard(this, 'Dashboard', {
      dashboardName: `mirai-${props.stage.name}`,
      widgets: [
        Object.entries(alarms).map(
          ([title, { metric }]) => new GraphWidget({ title, left: [metric] }),
        ),
      ],
    });
    this.#operator(props);
  }

  #alarms({ runtime, api }: OperationsStackProps): Record<string, AlarmSpec> {
    const period = Duration.minutes(5);
    const { queues, workflow, functions } = runtime;
    return {
      'dead-letters': {
        metric: queues.dead.metricApproximateNumberOfMessagesVisible({
          period,
          statistic: 'Maximum',
        }),
        threshold: 1,
      },
      'tasks-wait-long': {
        metric: queues.main.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' }),
        threshold: 900,
      },
      'runs-fail': { metric: workflow.machine.metricFailed({ period }), threshold: 5 },
      'judge-fails': {
        metric: functions['judge-actions'].function.metricErrors({ period }),
        threshold: 3,
      },
      'finish-fails': {
        metric: functions['finish-run'].function.metricErrors({ period }),
        threshold: 1,
      },
      'api-errors': {
        metric: new Metric({
          namespace: 'AWS/ApiGateway',
          metricName: '5XXError',
          dimensionsMap: { ApiName: api.api.restApiName },
          statistic: 'Sum',
          period,
        }),
        threshold: 5,
      },
      'sweep-stopped': {
        metric: functions.sweep.function.metricInvocations({ period }),
        threshold: 1,
        silenceIsTrouble: true,
      },
    };
  }

  #alarm(stage: string, name: string, { metric, threshold, silenceIsTrouble }: AlarmSpec): void {
    new Alarm(this, `Alarm-${name}`, {
      alarmName: `mirai-${stage}-${name}`,
      alarmDescription: `docs/runbook.md#${name}`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: silenceIsTrouble
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: silenceIsTrouble
        ? TreatMissingData.BREACHING
        : TreatMissingData.NOT_BREACHING,
    });
  }

  #operator({ stage, runtime, data }: OperationsStackProps): void {
    const role = new Role(this, 'Operator', {
      roleName: `mirai-${stage.name}-operator`,
      assumedBy: new AccountRootPrincipal(),
    });
    const allow = (sid: string, actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ sid, actions, resources }));
    allow(
      'ProvisionTenants',
      ['lambda:InvokeFunction'],
      [runtime.functions['provision-tenant'].function.functionArn],
    );
    allow('SetModelKey', ['secretsmanager:PutSecretValue'], [data.modelSecret.secretArn]);
    allow(
      'RedriveDeadLetters',
      [
        'sqs:StartMessageMoveTask',
        'sqs:ListMessageMoveTasks',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
      ],
      [runtime.queues.dead.queueArn],
    );
    allow(
      'RequeueDeadLetters',
      ['sqs:SendMessage'],
      [runtime.queues.main.queueArn, runtime.queues.high.queueArn],
    );
    allow(
      'ReadAlarms',
      ['cloudwatch:DescribeAlarms'],
      [
        `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:mirai-${stage.name}-*`,
      ],
    );
    new CfnOutput(this, 'OperatorRoleArn', {
      value: `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/mirai-${stage.name}-operator`,
    });
  }
}
