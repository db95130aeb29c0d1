import type { Cloud } from '#local/kernel/cloud.ts';
import type { Service } from '#local/kernel/service.ts';
import { ApiTable } from './api-table.ts';
import { Authorizers } from './authorizers.ts';
import { Edge } from './edge.ts';
import { deploymentResource } from './resources/deployment.ts';
import { restApiResource } from './resources/rest-api.ts';
import { stageResource } from './resources/stage.ts';

export interface ApiGatewayOptions {
  /** @default the port of the last time when it is free, else any */
  readonly port?: number;
}

interface Reach {
  readonly edge: Edge;
  readonly apis: ApiTable;
}

const reaches = new WeakMap<Cloud, Reach>();

/**
 * API Gateway's REST APIs, from their OpenAPI bodies, on a port of their own: a stage below
 * `/<stage>/`, the only stage also at `/`, as behind a custom domain.
 */
export function apiGatewayService(cloud: Cloud, options: ApiGatewayOptions = {}): Service {
  const apis = new ApiTable();
  const authorizers = new Authorizers(cloud);
  const edge = new Edge({ cloud, apis, authorizers });
  reaches.set(cloud, { edge, apis });
  cloud.database.define(
    'CREATE TABLE IF NOT EXISTS execute_api_port (id INTEGER PRIMARY KEY CHECK (id = 1), port INTEGER NOT NULL)',
  );
  const listen = async (): Promise<void> => {
    if (edge.url !== undefined) return;
    const last = cloud.database.get<{ port: number }>('SELECT port FROM execute_api_port');
    const port = await edge.listen(options.port ?? last?.port ?? 0);
    cloud.database.run('INSERT OR REPLACE INTO execute_api_port VALUES (1, ?)', port);
  };
  return {
    name: 'execute-api',
    actions: {},
    resources: [
      restApiResource(apis, authorizers, listen),
      deploymentResource(apis),
      stageResource(apis),
    ],
    stop: () => edge.close(),
  };
}

/**
 * The address on this machine that stands for AWS's address of an API:
 * `https://<id>.execute-api.<region>.amazonaws.com/<stage>/` becomes `http://127.0.0.1:<port>/<stage>/`.
 * Any other text stays as it is.
 */
export function localUrlOf(cloud: Cloud, text: string): string {
  const match = /^https:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?=\/|$)/.exec(
    text,
  );
  const reach = reaches.get(cloud);
  if (!match?.[1] || reach?.edge.url === undefined || !reach.apis.has(match[1])) return text;
  return reach.edge.url + text.slice(match[0].length);
}
