import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod/mini';

const RootCredentials = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });
const SESSION_SECONDS = 900;

/** What an SDK client needs to act as the operator. */
export interface OperatorSession {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

/** Assumes the operator's role with the account's root credentials, as an administrator would. */
export async function openOperatorSession(
  state: string,
  endpoint: string,
  roleArn: string,
): Promise<OperatorSession> {
  const root = RootCredentials.parse(
    JSON.parse(readFileSync(join(state, 'credentials.json'), 'utf8')),
  );
  const region = 'us-east-1';
  const sts = new STSClient({ endpoint, region, credentials: root });
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: 'mirai-cli',
      DurationSeconds: SESSION_SECONDS,
    }),
  );
  return {
    endpoint,
    region,
    credentials: {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    },
  };
}
