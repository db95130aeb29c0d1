import { CfnOutput, CfnParameter, Stack, type StackProps } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import {
  DATA_ROLES,
  type DataRole as DataRoleTable,
  type DataRoleName,
} from '../config/data-roles.ts';
import type { FunctionName } from '../config/function-names.ts';
import type { Stage } from '../config/stage.ts';
import { DataRole } from '../constructs/data-role.ts';
import { EventRules, platformBus } from '../constructs/event-rules.ts';
import { grantFunctions } from '../constructs/function-grants.ts';
import { MailSender } from '../constructs/mail-sender.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import { RunWorkflow } from '../constructs/run-workflow.ts';
import { SandboxCluster } from '../constructs/sandbox-cluster.ts';
import { TaskQueue } from '../constructs/task-queue.ts';
import { makeApiFunctions, makeRunFunctions, makeWorkerFunctions } from './functions.ts';
import type { DataStack } from './data-stack.ts';

export interface RuntimeStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
}

/** Everything that runs: queues, functions, the state machine, sandboxes, rules, and their roles. */
export class RuntimeStack extends Stack {
  readonly functions: Readonly<Record<FunctionName, PlatformFunction>>;
  readonly queues: TaskQueue;
  readonly workflow: RunWorkflow;

  constructor(scope: Construct, id: string, props: RuntimeStackProps) {
    super(scope, id, props);
    const { stage, data } = props;
    const logRetention = {
      7: RetentionDays.ONE_WEEK,
      30: RetentionDays.ONE_MONTH,
      90: RetentionDays.THREE_MONTHS,
    }[stage.logDays];
    this.queues = new TaskQueue(this, 'Tasks', { stage: stage.name });
    const sandbox = new SandboxCluster(this, 'Sandbox', { stage, vpc: data.vpc, logRetention });
    const bus = platformBus(this, stage.name);
    const mail = new MailSender(this, 'Mail', { stage: stage.name });
    const dataRoleArn = (name: DataRoleName) => roles[name].role.roleArn;
    const roles = Object.fromEntries(
      (Object.entries(DATA_ROLES) as [DataRoleName, DataRoleTable][]).map(([name, table]) => [
        name,
        new DataRole(this, `DataRole-${name}`, {
          stage: stage.name,
          name,
          table,
          tableArn: data.table.table.tableArn,
          artifactBucketArn: data.artifacts.bucketArn,
          mailboxBucketArn: data.mailboxes.bucketArn,
        }),
      ]),
    ) as Record<DataRoleName, DataRole>;
    const parts = {
      scope: this,
      stage,
      data,
      queues: this.queues,
      sandbox,
      mail,
      bus,
      logRetention,
      dataRoleArn,
    };
    const run = makeRunFunctions({ ...parts, model: this.#modelParameters() });
    this.workflow = new RunWorkflow(this, 'Run', {
      stage: stage.name,
      logRetention,
      functions: {
        ChooseActions: run['choose-actions'],
        JudgeActions: run['judge-actions'],
        CarryOutAction: run['carry-out-action'],
        StartSandboxJob: run['start-sandbox-job'],
        AskApproval: run['ask-approval'],
      },
    });
    const workers = makeWorkerFunctions({ ...parts, workflow: this.workflow });
    this.functions = { ...run, ...workers, ...makeApiFunctions(parts) };
    // A role can be named in a trust policy only once it is there.
    for (const [name, role] of Object.entries(roles)) {
      for (const user of DATA_ROLES[name as DataRoleName].usedBy) {
        role.node.addDependency(
          this.functions[user].role.node.defaultChild ?? this.functions[user].role,
        );
      }
    }
    grantFunctions({ ...parts, functions: this.functions, workflow: this.workflow });
    new EventRules(this, 'Events', {
      functions: this.functions,
      machineArn: this.workflow.machine.stateMachineArn,
      mailboxBucket: data.mailboxes.bucketName,
      clusterArn: sandbox.cluster.attrArn,
      configurationSet: mail.configurationSet,
      queues: this.queues,
    });
    this.#outputs();
  }

  #modelParameters() {
    const url = new CfnParameter(this, 'ModelBaseUrl', {
      default: 'https://api.openai.com/v1',
      description: 'Any endpoint that speaks OpenAI’s chat completions',
    });
    const name = new CfnParameter(this, 'ModelName', { default: 'gpt-4o-mini' });
    return { baseUrl: url.valueAsString, name: name.valueAsString };
  }

  #outputs(): void {
    const outputs = {
      MainQueueUrl: this.queues.main.queueUrl,
      HighQueueUrl: this.queues.high.queueUrl,
      DeadQueueUrl: this.queues.dead.queueUrl,
      RunStateMachineArn: this.workflow.machine.stateMachineArn,
      ProvisionTenantFunctionName: this.functions['provision-tenant'].function.functionName,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
