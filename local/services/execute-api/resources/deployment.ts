import { AwsError } from '#local/kernel/aws-error.ts';
import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import type { ApiTable } from '../api-table.ts';
import { shortId } from '../short-id.ts';

/**
 * `AWS::ApiGateway::Deployment`: a name for the state that an API has. Stages serve the present
 * state, because a template that changes a body also names a new deployment.
 */
export const deploymentResource = (apis: ApiTable): ResourceProvider => ({
  type: 'AWS::ApiGateway::Deployment',
  upsert(resource) {
    const { RestApiId } = takeProperties(resource, {
      served: ['RestApiId'],
      inert: ['Description'],
    });
    if (!apis.has(RestApiId as string)) {
      throw new AwsError('NotFoundException', 'Invalid API identifier specified', 404);
    }
    const id = shortId(resource.defaultName, 6);
    return { ref: id, attributes: { DeploymentId: id } };
  },
});
