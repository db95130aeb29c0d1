import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** A rotated key is in use after this. */
const KEPT_MS = 60_000;
const secretsManager = new SecretsManagerClient({});
let known: { readonly value: string; readonly at: number } | undefined;

/** The key of the model's endpoint, read again each minute. */
export async function modelSecret(secretArn: string): Promise<string> {
  if (known && Date.now() - known.at < KEPT_MS) return known.value;
  const { SecretString } = await secretsManager.send(
    new GetSecretValueCommand({ SecretId: secretArn }),
  );
  known = { value: SecretString ?? '', at: Date.now() };
  return known.value;
}
