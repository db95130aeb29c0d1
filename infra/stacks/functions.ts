import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { Env as AcceptTask } from '#functions/accept-task/contract.ts';
import { Env as AskApproval } from '#functions/ask-approval/contract.ts';
import { Env as AuthorizeRequest } from '#functions/authorize-request/contract.ts';
import { Env as CarryOutAction } from '#functions/carry-out-action/contract.ts';
import { Env as ChooseActions } from '#functions/choose-actions/contract.ts';
import { Env as FetchUrl } from '#functions/fetch-url/contract.ts';
import { Env as FinishRun } from '#functions/finish-run/contract.ts';
import { Env as FinishSandboxJob } from '#functions/finish-sandbox-job/contract.ts';
import { Env as JudgeActions } from '#functions/judge-actions/contract.ts';
import { Env as ProvisionTenant } from '#functions/provision-tenant/contract.ts';
import { Env as RecordMailEvent } from '#functions/record-mail-event/contract.ts';
import { Env as ServeApprovals } from '#functions/serve-approvals/contract.ts';
import { Env as ServeTasks } from '#functions/serve-tasks/contract.ts';
import { Env as StartRun } from '#functions/start-run/contract.ts';
import { Env as StartSandboxJob } from '#functions/start-sandbox-job/contract.ts';
import { Env as Sweep } from '#functions/sweep/contract.ts';
import type { DataRoleName } from '../config/data-roles.ts';
import type { Stage } from '../config/stage.ts';
import type { MailSender } from '../constructs/mail-sender.ts';
import { platformFunction } from '../constructs/platform-function.ts';
import type { RunWorkflow } from '../constructs/run-workflow.ts';
import type { SandboxCluster } from '../constructs/sandbox-cluster.ts';
import type { TaskQueue } from '../constructs/task-queue.ts';
import type { DataStack } from './data-stack.ts';

/** What the functions are wired to. */
export interface Parts {
  readonly scope: Construct;
  readonly stage: Stage;
  readonly data: DataStack;
  readonly queues: TaskQueue;
  readonly sandbox: SandboxCluster;
  readonly mail: MailSender;
  readonly bus: EventBus;
  readonly logRetention: RetentionDays;
  readonly dataRoleArn: (name: DataRoleName) => string;
}

const seconds = (value: number): Duration => Duration.seconds(value);

const commonOf = ({ stage, logRetention }: Parts) => ({ stage: stage.name, logRetention });
const dataOf = (parts: Parts, role: DataRoleName) => ({
  TABLE_NAME: parts.data.table.table.tableName,
  DATA_ROLE_ARN: parts.dataRoleArn(role),
});
const queuesOf = ({ queues }: Parts) => ({
  MAIN_QUEUE_URL: queues.main.queueUrl,
  HIGH_QUEUE_URL: queues.high.queueUrl,
});

/** The functions that the state machine calls, and the fetcher behind one of them. */
export function makeRunFunctions(
  parts: Parts & { readonly model: { readonly baseUrl: string; readonly name: string } },
) {
  const { scope, data, stage, mail, sandbox } = parts;
  const common = commonOf(parts);
  const artifacts = { ARTIFACT_BUCKET: data.artifacts.bucketName };
  const token = { TOKEN_KEY_ID: data.tokenKey.keyArn };
  const permit = { PERMIT_KEY_ID: data.permitKey.keyArn, STAGE: stage.name };
  const fetcher = platformFunction(scope, {
    ...common,
    name: 'fetch-url',
    env: FetchUrl,
    environment: { BLOCKED_HOSTS: 'execute-api.amazonaws.com' },
    timeout: seconds(30),
  });
  return {
    'fetch-url': fetcher,
    'choose-actions': platformFunction(scope, {
      ...common,
      name: 'choose-actions',
      env: ChooseActions,
      environment: {
        ...dataOf(parts, 'choose'),
        ...artifacts,
        MODEL_BASE_URL: parts.model.baseUrl,
        MODEL_NAME: parts.model.name,
        MODEL_SECRET_ARN: data.modelSecret.secretArn,
      },
      timeout: seconds(300),
    }),
    'judge-actions': platformFunction(scope, {
      ...common,
      name: 'judge-actions',
      env: JudgeActions,
      environment: { ...dataOf(parts, 'judge'), ...artifacts, ...permit },
      timeout: seconds(30),
    }),
    'carry-out-action': platformFunction(scope, {
      ...common,
      name: 'carry-out-action',
      env: CarryOutAction,
      environment: {
        ...dataOf(parts, 'execute'),
        ...artifacts,
        ...permit,
        MAIL_FROM: mail.from,
        MAIL_CONFIGURATION_SET: mail.configurationSet,
        FETCH_URL_FUNCTION: fetcher.live.functionArn,
      },
      timeout: seconds(90),
    }),
    'ask-approval': platformFunction(scope, {
      ...common,
      name: 'ask-approval',
      env: AskApproval,
      environment: { ...dataOf(parts, 'approvals'), ...token },
      timeout: seconds(30),
    }),
    'start-sandbox-job': platformFunction(scope, {
      ...common,
      name: 'start-sandbox-job',
      env: StartSandboxJob,
      environment: {
        ...dataOf(parts, 'sandbox'),
        ...artifacts,
        ...permit,
        ...token,
        MAILBOX_BUCKET: data.mailboxes.bucketName,
        SANDBOX_CLUSTER: sandbox.cluster.attrArn,
        SANDBOX_TASK_DEFINITION: sandbox.taskDefinition.ref,
        SANDBOX_SUBNETS: sandbox.subnets,
        SANDBOX_SECURITY_GROUP: sandbox.sealed.attrGroupId,
      },
      timeout: seconds(30),
    }),
  } as const;
}

/** The functions that queues, events and the clock call, and the operator's. */
export function makeWorkerFunctions(parts: Parts & { readonly workflow: RunWorkflow }) {
  const { scope, data, queues, sandbox, workflow, bus } = parts;
  const common = commonOf(parts);
  const finishRun = platformFunction(scope, {
    ...common,
    name: 'finish-run',
    env: FinishRun,
    environment: {
      ...dataOf(parts, 'finish'),
      ...queuesOf(parts),
      DEAD_QUEUE_URL: queues.dead.queueUrl,
      EVENT_BUS_NAME: bus.eventBusName,
      SANDBOX_CLUSTER: sandbox.cluster.attrArn,
    },
    timeout: seconds(30),
  });
  return {
    'finish-run': finishRun,
    'start-run': platformFunction(scope, {
      ...common,
      name: 'start-run',
      env: StartRun,
      environment: { ...dataOf(parts, 'start'), RUN_STATE_MACHINE_ARN: workflow.aliasArn },
      timeout: seconds(30),
    }),
    'finish-sandbox-job': platformFunction(scope, {
      ...common,
      name: 'finish-sandbox-job',
      env: FinishSandboxJob,
      environment: {
        ...dataOf(parts, 'sandbox'),
        ARTIFACT_BUCKET: data.artifacts.bucketName,
        MAILBOX_BUCKET: data.mailboxes.bucketName,
        TOKEN_KEY_ID: data.tokenKey.keyArn,
      },
      timeout: seconds(60),
    }),
    'record-mail-event': platformFunction(scope, {
      ...common,
      name: 'record-mail-event',
      env: RecordMailEvent,
      environment: dataOf(parts, 'execute'),
      timeout: seconds(15),
    }),
    sweep: platformFunction(scope, {
      ...common,
      name: 'sweep',
      env: Sweep,
      environment: {
        ...dataOf(parts, 'finish'),
        ...queuesOf(parts),
        DEAD_QUEUE_URL: queues.dead.queueUrl,
        TOKEN_KEY_ID: data.tokenKey.keyArn,
        FINISH_RUN_FUNCTION: finishRun.live.functionArn,
        RUN_STATE_MACHINE_ARN: workflow.aliasArn,
      },
      timeout: seconds(55),
    }),
    'provision-tenant': platformFunction(scope, {
      ...common,
      name: 'provision-tenant',
      env: ProvisionTenant,
      environment: dataOf(parts, 'admin'),
      timeout: seconds(15),
    }),
  } as const;
}

/** The functions behind the HTTPS API. */
export function makeApiFunctions(parts: Parts) {
  const { scope, data, sandbox } = parts;
  const common = commonOf(parts);
  const token = { TOKEN_KEY_ID: data.tokenKey.keyArn };
  return {
    'authorize-request': platformFunction(scope, {
      ...common,
      name: 'authorize-request',
      env: AuthorizeRequest,
      environment: dataOf(parts, 'keys'),
      timeout: seconds(10),
    }),
    'accept-task': platformFunction(scope, {
      ...common,
      name: 'accept-task',
      env: AcceptTask,
      environment: {
        ...dataOf(parts, 'accept'),
        ...queuesOf(parts),
        ARTIFACT_BUCKET: data.artifacts.bucketName,
      },
      timeout: seconds(25),
      memory: 1024,
    }),
    'serve-tasks': platformFunction(scope, {
      ...common,
      name: 'serve-tasks',
      env: ServeTasks,
      environment: {
        ...dataOf(parts, 'tasks'),
        ...queuesOf(parts),
        ...token,
        ARTIFACT_BUCKET: data.artifacts.bucketName,
        SANDBOX_CLUSTER: sandbox.cluster.attrArn,
      },
      timeout: seconds(25),
    }),
    'serve-approvals': platformFunction(scope, {
      ...common,
      name: 'serve-approvals',
      env: ServeApprovals,
      environment: { ...dataOf(parts, 'approvals'), ...token },
      timeout: seconds(25),
    }),
  } as const;
}
