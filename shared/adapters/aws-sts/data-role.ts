import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

const SESSION_SECONDS = 3600;
/** A session is replaced this long before it ends. */
const RENEW_BEFORE_MS = 300_000;
const KEPT_TENANTS = 200;

interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

const sts = new STSClient({});
const sessions = new Map<string, Promise<Session>>();

/**
 * Credentials of a data role for one tenant: the session tag `tenant` is what the role's policies
 * compare keys and prefixes with, so code that holds them cannot reach another tenant's data.
 */
export function dataRoleCredentials(roleArn: string, tenant: string): () => Promise<Session> {
  const name = `${roleArn} ${tenant}`;
  return async () => {
    const known = sessions.get(name);
    if (known) {
      const session = await known;
      if (session.expiration.getTime() - Date.now() > RENEW_BEFORE_MS) return session;
    }
    if (sessions.size >= KEPT_TENANTS) sessions.delete(sessions.keys().next().value ?? '');
    const fresh = assume(roleArn, tenant);
    sessions.set(name, fresh);
    fresh.catch(() => sessions.delete(name));
    return fresh;
  };
}

async function assume(roleArn: string, tenant: string): Promise<Session> {
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: `tenant-${tenant}`,
      DurationSeconds: SESSION_SECONDS,
      Tags: [{ Key: 'tenant', Value: tenant }],
    }),
  );
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
    expiration: given?.Expiration ?? new Date(0),
  };
}
