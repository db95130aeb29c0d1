import { AwsError } from '#local/kernel/aws-error.ts';
import type { ResourceProvider, ResourceRequest } from '#local/kernel/service.ts';
import { takeMembers, takeProperties } from '#local/template/take-properties.ts';
import type { ApiTable, Stage } from '../api-table.ts';

/** `AWS::ApiGateway::Stage` with its access log. `Ref` is its name. */
export const stageResource = (apis: ApiTable): ResourceProvider => ({
  type: 'AWS::ApiGateway::Stage',
  upsert(resource) {
    const properties = takeProperties(resource, {
      served: ['RestApiId', 'StageName', 'DeploymentId', 'AccessLogSetting'],
      // Throttling and logging of methods, traces.
      inert: ['Description', 'MethodSettings', 'Tags', 'TracingEnabled'],
    });
    const { RestApiId, StageName, DeploymentId, AccessLogSetting } = properties;
    const name = String(StageName);
    if (!/^\w{1,128}$/.test(name)) {
      throw new AwsError('BadRequestException', 'Stage name only allows a-zA-Z0-9_');
    }
    apis.putStage({
      apiId: RestApiId as string,
      name,
      deploymentId: DeploymentId as string,
      ...accessLogOf(resource, AccessLogSetting),
    });
    return { ref: name, attributes: {} };
  },
  remove: (ref) => apis.removeStage(ref),
});

function accessLogOf(resource: ResourceRequest, setting: unknown): Pick<Stage, 'accessLog'> {
  if (setting === undefined) return {};
  const where = `${resource.type} ${resource.logicalId}: AccessLogSetting`;
  const { DestinationArn, Format } = takeMembers(where, setting as Record<string, unknown>, {
    served: ['DestinationArn', 'Format'],
  });
  const arn = DestinationArn as string;
  const group = /^arn:aws[\w-]*:logs:[\w-]+:\d{12}:log-group:([^:]+)(?::\*)?$/.exec(arn)?.[1];
  if (group === undefined || typeof Format !== 'string' || !Format.includes('$context.requestId')) {
    throw new AwsError('BadRequestException', `${where}: ${arn} with this format is no access log`);
  }
  return { accessLog: { group, format: Format } };
}
