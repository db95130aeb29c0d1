import { Aws } from 'aws-cdk-lib';
import { DATA_ROLES } from '../config/data-roles.ts';
import type { FunctionName } from '../config/function-names.ts';
import type { Parts } from '../stacks/functions.ts';
import type { PlatformFunction } from './platform-function.ts';
import type { RunWorkflow } from './run-workflow.ts';

/** What each function may do with its own role: never tenant data, which data roles are for. */
export function grantFunctions(
  parts: Parts & {
    readonly functions: Readonly<Record<FunctionName, PlatformFunction>>;
    readonly workflow: RunWorkflow;
  },
): void {
  grantDataRoles(parts);
  grantQueues(parts);
  grantKeys(parts);
  grantWorkflow(parts);
  grantSandbox(parts);
  grantSweep(parts);
  const { functions, data, mail, bus } = parts;
  functions['choose-actions'].allow(
    'ReadModelKey',
    ['secretsmanager:GetSecretValue'],
    [data.modelSecret.secretArn],
  );
  functions['carry-out-action'].allow(
    'SendMail',
    ['ses:SendEmail'],
    [mail.identityArn, mail.configurationSetArn],
  );
  functions['carry-out-action'].allow(
    'FetchPage',
    ['lambda:InvokeFunction'],
    [functions['fetch-url'].live.functionArn],
  );
  functions['finish-run'].allow('Publish', ['events:PutEvents'], [bus.eventBusArn]);
}

type Grants = Parameters<typeof grantFunctions>[0];

function grantDataRoles({ functions, dataRoleArn }: Grants): void {
  for (const [name, { usedBy }] of Object.entries(DATA_ROLES)) {
    for (const user of usedBy) {
      functions[user].allow(
        'ActForTenant',
        ['sts:AssumeRole', 'sts:TagSession'],
        [dataRoleArn(name as keyof typeof DATA_ROLES)],
      );
    }
  }
}

function grantQueues({ functions, queues }: Grants): void {
  const live = [queues.main.queueArn, queues.high.queueArn];
  for (const name of ['accept-task', 'serve-tasks'] as const) {
    functions[name].allow('Enqueue', ['sqs:SendMessage'], live);
  }
  for (const name of ['finish-run', 'sweep'] as const) {
    functions[name].allow('Enqueue', ['sqs:SendMessage'], [...live, queues.dead.queueArn]);
  }
}

/** A key is used for callback tokens only: the encryption context says so, and names the tenant. */
const forTokens = { StringEquals: { 'kms:EncryptionContext:purpose': 'callback-token' } };

function grantKeys({ functions, data }: Grants): void {
  functions['judge-actions'].allow('SignPermits', ['kms:Sign'], [data.permitKey.keyArn]);
  for (const name of ['carry-out-action', 'start-sandbox-job'] as const) {
    functions[name].allow('VerifyPermits', ['kms:GetPublicKey'], [data.permitKey.keyArn]);
  }
  for (const name of ['ask-approval', 'start-sandbox-job'] as const) {
    functions[name].allow('SealTokens', ['kms:Encrypt'], [data.tokenKey.keyArn], forTokens);
  }
  for (const name of ['serve-tasks', 'serve-approvals', 'finish-sandbox-job', 'sweep'] as const) {
    functions[name].allow('OpenTokens', ['kms:Decrypt'], [data.tokenKey.keyArn], forTokens);
  }
}

function grantWorkflow({ functions, workflow }: Grants): void {
  // Named, not referenced: the machine depends on these functions, which wake it.
  const machine = [
    `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:${workflow.name}`,
  ];
  functions['start-run'].allow('StartRuns', ['states:StartExecution'], machine);
  for (const name of ['serve-approvals', 'ask-approval', 'sweep', 'start-sandbox-job'] as const) {
    functions[name].allow('WakeRuns', ['states:SendTaskSuccess'], machine);
  }
  functions['finish-sandbox-job'].allow(
    'WakeRuns',
    ['states:SendTaskSuccess', 'states:SendTaskFailure'],
    machine,
  );
  functions['serve-tasks'].allow('EndWaits', ['states:SendTaskFailure'], machine);
}

function grantSandbox({ functions, sandbox }: Grants): void {
  const { clusterName } = sandbox.cluster;
  const tasks = `arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}:task/${clusterName}/*`;
  const onCluster = { ArnEquals: { 'ecs:cluster': sandbox.cluster.attrArn } };
  functions['start-sandbox-job'].allow(
    'RunSandbox',
    ['ecs:RunTask'],
    [sandbox.taskDefinition.ref],
    onCluster,
  );
  functions['start-sandbox-job'].allow(
    'PassExecutionRole',
    ['iam:PassRole'],
    [sandbox.executionRole.roleArn],
    { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  );
  for (const name of ['finish-run', 'serve-tasks'] as const) {
    functions[name].allow('StopSandbox', ['ecs:StopTask'], [tasks], onCluster);
  }
}

function grantSweep({ functions, data, workflow }: Grants): void {
  const { sweep } = functions;
  const executions = `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${workflow.name}:*`;
  sweep.allow('ReadDue', ['dynamodb:Query'], [`${data.table.table.tableArn}/index/due`]);
  sweep.allow('LookAtRuns', ['states:DescribeExecution', 'states:StopExecution'], [executions]);
  sweep.allow('CloseRuns', ['lambda:InvokeFunction'], [functions['finish-run'].live.functionArn]);
}
