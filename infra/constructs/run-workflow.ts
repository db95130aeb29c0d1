import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { Aws, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import type { CfnVersion, Version } from 'aws-cdk-lib/aws-lambda';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  CfnStateMachineAlias,
  CfnStateMachineVersion,
  DefinitionBody,
  LogLevel,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { PlatformFunction } from './platform-function.ts';

const DEFINITION = 'step-functions/run/definition.asl.json';

export interface RunWorkflowProps {
  readonly stage: string;
  readonly logRetention: RetentionDays;
  /** The functions that the definition names, by the name of its substitution. */
  readonly functions: Readonly<Record<string, PlatformFunction>>;
}

/**
 * The state machine `run`. It calls published versions of its functions; a version of its own is
 * published with them, and new runs start through the alias, so that a run that waits over a
 * deployment goes on with the code that it began with.
 */
export class RunWorkflow extends Construct {
  readonly name: string;
  readonly machine: StateMachine;
  readonly aliasArn: string;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: RunWorkflowProps) {
    super(scope, id);
    const definition = readFileSync(DEFINITION, 'utf8');
    const versions = Object.values(props.functions).map((fn) => fn.function.currentVersion);
    this.name = `mirai-${props.stage}-run`;
    this.role = new Role(this, 'Role', {
      roleName: this.name,
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
    });
    this.role.addToPolicy(
      new PolicyStatement({
        sid: 'InvokeStates',
        actions: ['lambda:InvokeFunction'],
        // Every version: a run that waits over a deployment goes on with the versions it began with.
        resources: Object.values(props.functions).map(
          ({ name }) =>
            `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:${name}:*`,
        ),
      }),
    );
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: this.name,
      definitionBody: DefinitionBody.fromString(definition),
      definitionSubstitutions: Object.fromEntries(
        Object.entries(props.functions).map(([name, fn]) => [
          name,
          fn.function.currentVersion.functionArn,
        ]),
      ),
      role: this.role,
      logs: {
        destination: new LogGroup(this, 'Logs', {
          logGroupName: `/aws/vendedlogs/states/${this.name}`,
          retention: props.logRetention,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    this.aliasArn = this.#publish(definition, versions);
  }

  /** A version's logical id changes with what it holds; old ones stay for the runs that use them. */
  #publish(definition: string, versions: readonly Version[]): string {
    const version = new CfnStateMachineVersion(this, 'Version', {
      stateMachineArn: this.machine.stateMachineArn,
    });
    version.overrideLogicalId(
      Lazy.string({
        produce: () => {
          const { stack } = this.machine;
          const held = versions.map((held) =>
            stack.getLogicalId(held.node.defaultChild as CfnVersion),
          );
          const parts = createHash('sha256').update(definition).update(held.join());
          return `RunVersion${parts.digest('hex').slice(0, 16)}`;
        },
      }),
    );
    version.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const alias = new CfnStateMachineAlias(this, 'Live', {
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: version.ref, weight: 100 }],
    });
    return alias.ref;
  }
}
