import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Terminal } from '../screen/terminal.ts';
import type { OperatorSession } from './operator-session.ts';

/** OpenAI's own endpoint, where a key is given and no other endpoint. */
const OPENAI_URL = 'https://api.openai.com/v1';
/** The template's default of its parameter ModelName. */
const OPENAI_MODEL = 'gpt-4o-mini';

/** A model that the environment names. */
export interface ModelChoice {
  readonly url: string;
  readonly name: string;
  readonly apiKey: string | undefined;
}

/** The model of OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL; undefined when none of the first two is set. */
export function chosenModel({ env }: Pick<Terminal, 'env'>): ModelChoice | undefined {
  const url = env['OPENAI_BASE_URL'];
  const apiKey = env['OPENAI_API_KEY'];
  if (!url && !apiKey) return undefined;
  return { url: url || OPENAI_URL, name: env['OPENAI_MODEL'] || OPENAI_MODEL, apiKey };
}

/** Puts the model's key where the function that calls the model looks for it. */
export async function keepModelKey(
  session: OperatorSession,
  secretId: string,
  apiKey: string,
): Promise<void> {
  const secrets = new SecretsManagerClient({ ...session });
  await secrets.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: apiKey }));
}
