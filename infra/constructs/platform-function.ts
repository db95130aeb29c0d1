import { join } from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import { RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  Code,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type * as z from 'zod/mini';
import type { FunctionName } from '../config/function-names.ts';

/** Where the bundles are, from the folder of the project. */
export const BUNDLES = 'build/functions';

export interface PlatformFunctionProps<Env extends z.ZodMiniType> {
  readonly name: FunctionName;
  readonly stage: string;
  /** The function's contract, which types `environment`. */
  readonly env: Env;
  readonly environment: z.input<Env>;
  readonly timeout: Duration;
  /** Megabytes; a vCPU comes with 1,769. @default 512 */
  readonly memory?: number;
  readonly logRetention: RetentionDays;
}

/** A Lambda function with a role of its own, a log group, a published version and an alias. */
export class PlatformFunction extends Construct {
  /** The function's name on AWS. */
  readonly name: string;
  readonly role: Role;
  readonly live: Alias;
  readonly function: LambdaFunction;

  constructor(scope: Construct, props: PlatformFunctionProps<z.ZodMiniType>) {
    super(scope, props.name);
    const functionName = `mirai-${props.stage}-${props.name}`;
    this.name = functionName;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      roleName: functionName,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    this.role.addToPolicy(
      new PolicyStatement({
        sid: 'WriteLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(join(BUNDLES, props.name), { exclude: ['*.map'] }),
      role: this.role,
      logGroup,
      timeout: props.timeout,
      memorySize: props.memory ?? 512,
      environment: {
        ...(props.environment as Record<string, string>),
        POWERTOOLS_SERVICE_NAME: props.name,
      },
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    this.live = new Alias(this, 'Live', {
      aliasName: 'live',
      version: this.function.currentVersion,
    });
  }

  /** Adds one statement to the function's role. */
  allow(
    sid: string,
    actions: string[],
    resources: string[],
    conditions?: Record<string, unknown>,
  ): void {
    this.role.addToPolicy(
      new PolicyStatement({ sid, actions, resources, ...(conditions ? { conditions } : {}) }),
    );
  }
}

/** Makes a function whose environment must be the one that its contract asks for. */
export const platformFunction = <Env extends z.ZodMiniType>(
  scope: Construct,
  props: PlatformFunctionProps<Env>,
): PlatformFunction => new PlatformFunction(scope, props);
