import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { ResourceResult } from '#local/kernel/service.ts';
import { makeResource } from './make-resource.ts';

/** A temporary folder for the state of a cloud and the code of its functions. */
export function handlerFolder() {
  const path = mkdtempSync(join(tmpdir(), 'mirai-handlers-'));
  return {
    path,
    state: join(path, 'state'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Makes a function from the source of an ES module that exports `handler`. */
export function makeFunction(
  cloud: Cloud,
  folder: string,
  name: string,
  source: string,
  properties: Readonly<Record<string, unknown>> = {},
): Promise<ResourceResult> {
  const code = join(folder, 'assets', name);
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, 'index.mjs'), source);
  return makeResource(cloud, 'AWS::Lambda::Function', name, {
    FunctionName: name,
    Code: { S3Bucket: 'assets', S3Key: code },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: `arn:aws:iam::${cloud.account}:role/${name}`,
    ...properties,
  });
}

/** Credentials that nobody checks, for clouds without the STS service. */
export function looseCredentials(cloud: Cloud): void {
  cloud.issueCredentials = ({ sessionName }) => ({
    accessKeyId: 'ASIATEST',
    secretAccessKey: 'secret',
    sessionToken: sessionName,
    expiration: new Date(cloud.now() + 3_600_000),
  });
}
