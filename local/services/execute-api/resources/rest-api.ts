import { notServed } from '#local/kernel/aws-error.ts';
import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import type { ApiTable } from '../api-table.ts';
import type { Authorizers } from '../authorizers.ts';
import { readOpenApi } from '../read-open-api.ts';
import { shortId } from '../short-id.ts';

/** `AWS::ApiGateway::RestApi` from an OpenAPI body. `Ref` is its id. */
export const restApiResource = (
  apis: ApiTable,
  authorizers: Authorizers,
  listen: () => Promise<void>,
): ResourceProvider => ({
  type: 'AWS::ApiGateway::RestApi',
  async upsert(resource) {
    const { Body } = takeProperties(resource, {
      served: ['Name', 'Body'],
      inert: ['Description', 'EndpointConfiguration', 'FailOnWarnings', 'Tags'],
    });
    const where = `${resource.type} ${resource.logicalId}`;
    if (Body === undefined) throw notServed(`REST APIs without a Body (${where})`);
    const id = shortId(resource.defaultName, 10);
    apis.put(readOpenApi(`${where}: Body`, id, Body));
    authorizers.forget();
    await listen();
    return { ref: id, attributes: { RestApiId: id, RootResourceId: shortId(`${id}/`, 6) } };
  },
  remove: (ref) => apis.remove(ref),
});
