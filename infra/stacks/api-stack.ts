import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiDefinition,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  SpecRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { ROUTES } from '#shared/api/routes.ts';
import type { Stage } from '../config/stage.ts';
import { AccessLog } from '../constructs/access-log.ts';
import { openApiBody } from '../constructs/open-api-body.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import type { RuntimeStack } from './runtime-stack.ts';

const STAGE_NAME = 'api';

export interface ApiStackProps extends StackProps {
  readonly stage: Stage;
  readonly runtime: RuntimeStack;
}

/** The edge: one regional REST API from one generated body. */
export class ApiStack extends Stack {
  readonly api: SpecRestApi;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { functions } = props.runtime;
    const authorizer = functions['authorize-request'];
    const accessLog = new AccessLog(this, 'AccessLog', { retention: RetentionDays.ONE_MONTH });
    this.api = new SpecRestApi(this, 'Api', {
      restApiName: `mirai-${props.stage.name}`,
      apiDefinition: ApiDefinition.fromInline(
        openApiBody({
          routes: ROUTES,
          authorizerArn: authorizer.live.functionArn,
          functionArn: (name) => functions[name].live.functionArn,
        }),
      ),
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      ...(props.stage.clients ? { policy: onlyFrom(props.stage.clients) } : {}),
      deployOptions: {
        stageName: STAGE_NAME,
        loggingLevel: MethodLoggingLevel.OFF,
        throttlingRateLimit: 500,
        throttlingBurstLimit: 1000,
        accessLogDestination: new LogGroupLogDestination(accessLog.group),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields({
          caller: false,
          httpMethod: true,
          ip: true,
          protocol: true,
          requestTime: true,
          resourcePath: true,
          responseLength: true,
          status: true,
          user: false,
        }),
      },
    });
    this.api.deploymentStage.node.addDependency(accessLog.account);
    this.#permit('Authorizer', authorizer, this.#arn('authorizers/*'));
    for (const route of ROUTES) {
      const path = route.path.replaceAll(/\{\w+\}/g, '*');
      this.#permit(
        route.operationId,
        functions[route.function],
        this.#arn(`${STAGE_NAME}/${route.method}${path}`),
      );
    }
    if (props.stage.profile === 'strict') this.#firewall();
    new CfnOutput(this, 'ApiUrl', { value: this.api.url });
  }

  #arn(path: string): string {
    return `arn:${this.partition}:execute-api:${this.region}:${this.account}:${this.api.restApiId}/${path}`;
  }

  #permit(id: string, target: PlatformFunction, sourceArn: string): void {
    new CfnPermission(this, `Permit-${id}`, {
      action: 'lambda:InvokeFunction',
      functionName: target.live.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn,
    });
  }

  #firewall(): void {
    const metrics = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      metricName,
      sampledRequestsEnabled: false,
    });
    const acl = new CfnWebACL(this, 'Firewall', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: metrics('mirai-firewall'),
      rules: [
        {
          name: 'rate',
          priority: 1,
          action: { block: {} },
          statement: { rateBasedStatement: { limit: 10_000, aggregateKeyType: 'IP' } },
          visibilityConfig: metrics('mirai-firewall-rate'),
        },
      ],
    });
    new CfnWebACLAssociation(this, 'FirewallOnApi', {
      webAclArn: acl.attrArn,
      resourceArn: this.api.deploymentStage.stageArn,
    });
  }
}

/** The API's policy: calls from these address ranges only. */
function onlyFrom(ranges: readonly string[]): PolicyDocument {
  const calls = {
    principals: [new AnyPrincipal()],
    actions: ['execute-api:Invoke'],
    resources: ['execute-api:/*'],
  };
  return new PolicyDocument({
    statements: [
      new PolicyStatement({ sid: 'Call', ...calls }),
      new PolicyStatement({
        sid: 'NotFromElsewhere',
        effect: Effect.DENY,
        ...calls,
        conditions: { NotIpAddress: { 'aws:SourceIp': ranges } },
      }),
    ],
  });
}
