import { notServed } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { ResourceProvider, Service } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { apiIdOf, readApi, type Api, type OpenApiBody } from './api-store.ts';
import { Edge } from './edge.ts';

const edges = new WeakMap<Cloud, Edge>();

/** API Gateway: REST APIs from their OpenAPI body, on a port of their own that outlives a restart. */
export function apiGatewayService(cloud: Cloud): Service {
  const apis = new Map<string, Api>();
  const edge = new Edge(cloud, () => [...apis.values()]);
  edges.set(cloud, edge);
  cloud.database.define(
    'CREATE TABLE IF NOT EXISTS execute_api_port (id INTEGER PRIMARY KEY CHECK (id = 1), port INTEGER NOT NULL)',
  );
  const listen = async (): Promise<void> => {
    if (edge.url !== '') return;
    const known = cloud.database.get<{ port: number }>('SELECT port FROM execute_api_port');
    const port = await edge.listen(known?.port ?? 0);
    cloud.database.run('INSERT OR REPLACE INTO execute_api_port VALUES (1, ?)', port);
  };
  return {
    name: 'execute-api',
    actions: {},
    resources: [restApi(apis, listen), deployment(), stage(apis)],
    stop: () => edge.close(),
  };
}

/**
 * A text in which AWS's address of an API is replaced by the one on this machine:
 * `https://{id}.execute-api.{region}.amazonaws.com/{stage}/` becomes `http://127.0.0.1:{port}/{stage}/`.
 */
export function localUrlOf(cloud: Cloud, text: string): string {
  const url = edges.get(cloud)?.url;
  if (url === undefined || url === '') return text;
  return text.replace(/^https:\/\/[a-z0-9]{10}\.execute-api\.[a-z0-9-]+\.amazonaws\.com/, url);
}

const restApi = (apis: Map<string, Api>, listen: () => Promise<void>): ResourceProvider => ({
  type: 'AWS::ApiGateway::RestApi',
  async upsert(resource) {
    const { Name, Body } = takeProperties(resource, {
      served: ['Name', 'Body'],
      inert: [
        'Description',
        'EndpointConfiguration',
        'FailOnWarnings',
        'MinimumCompressionSize',
        'Tags',
      ],
    });
    if (Body === undefined) throw notServed('a REST API without a Body');
    const name = (Name as string | undefined) ?? resource.defaultName;
    const stageName = apis.get(apiIdOf(name))?.stage;
    const api = { ...readApi(name, Body as OpenApiBody), stage: stageName };
    apis.set(api.id, api);
    await listen();
    return { ref: api.id, attributes: { RootResourceId: api.id.slice(0, 6), RestApiId: api.id } };
  },
  remove: (ref) => {
    apis.delete(ref);
  },
});

const deployment = (): ResourceProvider => ({
  type: 'AWS::ApiGateway::Deployment',
  upsert(resource) {
    takeProperties(resource, { served: ['RestApiId'], inert: ['Description'] });
    const id = apiIdOf(resource.defaultName).slice(0, 6);
    return { ref: id, attributes: { DeploymentId: id } };
  },
});

const stage = (apis: Map<string, Api>): ResourceProvider => ({
  type: 'AWS::ApiGateway::Stage',
  upsert(resource) {
    const { RestApiId, StageName } = takeProperties(resource, {
      served: ['RestApiId', 'StageName', 'DeploymentId'],
      inert: ['AccessLogSetting', 'MethodSettings', 'TracingEnabled', 'Tags', 'Description'],
    }) as { RestApiId: string; StageName: string };
    const api = apis.get(RestApiId);
    if (api) api.stage = StageName;
    return { ref: StageName, attributes: {} };
  },
});
