import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { FaultSettings } from '#local/kernel/faults.ts';
import type { ResourceResult, Service } from '#local/kernel/service.ts';
import {
  lambdaService,
  type LambdaOptions,
  type LambdaService,
} from '#local/services/lambda/lambda.ts';
import { logsService } from '#local/services/logs/logs.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/worker';

/** A folder that holds state and code, and clouds upon it, one after another. */
export function functionFolder() {
  const root = mkdtempSync(join(tmpdir(), 'lambda-'));
  const closers: (() => Promise<void>)[] = [];
  let folders = 0;
  return {
    root,
    /** A new asset folder with these files. */
    asset(files: Record<string, string>): string {
      folders += 1;
      const folder = join(root, `asset.${folders}`);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      return folder;
    },
    async cloud(
      options: LambdaOptions & {
        faults?: FaultSettings;
        more?: (cloud: Cloud) => Service[];
        /** Runs after the services are made and before they start, as the template is. */
        template?: (put: Put) => Promise<void>;
      } = {},
    ) {
      let lambda: LambdaService | undefined;
      let made: Cloud | undefined;
      const prepare: Service = {
        name: 'template',
        actions: {},
        start: () => options.template?.((...args) => put(made as Cloud, ...args)),
      };
      const bare = await bareCloud(
        (cloud) => {
          made = cloud;
          cloud.issueCredentials = ({ roleArn, sessionName, seconds }) => ({
            accessKeyId: `ASIA${sessionName}`,
            secretAccessKey: roleArn,
            sessionToken: 'session',
            expiration: new Date(Date.now() + seconds * 1000),
          });
          lambda = lambdaService(cloud, options);
          return [prepare, logsService(cloud), ...(options.more?.(cloud) ?? []), lambda];
        },
        { path: join(root, 'state.sqlite'), stateFolder: root, faults: options.faults },
      );
      closers.push(() => bare.close());
      return {
        ...bare,
        lambda: lambda as LambdaService,
        put: (...args: Parameters<Put>) => put(bare.cloud, ...args),
        async close() {
          closers.pop();
          await bare.close();
        },
      };
    },
    async clear() {
      for (const close of closers.splice(0)) await close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export type Put = (
  type: string,
  logicalId: string,
  properties: Record<string, unknown>,
  assetFolder?: string,
) => Promise<ResourceResult>;

async function put(cloud: Cloud, ...[type, logicalId, properties, assetFolder]: Parameters<Put>) {
  if (type === 'AWS::Lambda::Function') {
    const LogGroupName = `/aws/lambda/stack-${logicalId}`;
    await put(cloud, 'AWS::Logs::LogGroup', `${logicalId}Logs`, { LogGroupName });
  }
  const provider = cloud.providers().get(type);
  if (!provider) throw new Error(`no provider for ${type}`);
  return provider.upsert(
    {
      logicalId,
      type,
      properties,
      defaultName: `stack-${logicalId}`,
      assemblyFolder: '/nowhere',
      assetPath: () => assetFolder ?? '/nowhere',
    },
    cloud,
  );
}

/** Properties of a function whose code is the given asset. */
export const functionProperties = (more: Record<string, unknown> = {}) => ({
  Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
  Handler: 'index.handler',
  Runtime: 'nodejs24.x',
  Role: ROLE,
  ...more,
});
