import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';

/** A repeated ClientRequestToken is known for ten minutes. */
const KNOWN_MS = 10 * 60 * 1000;

/** The tokens of transactions that were carried out, by which a repeat is recognised. */
export class TransactionTokens {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS dynamodb_tokens (
      token TEXT PRIMARY KEY, digest TEXT NOT NULL, at INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS dynamodb_tokens_at ON dynamodb_tokens (at);`);
  }

  /**
   * Whether the same transaction was carried out under this token within ten minutes.
   *
   * @throws AwsError IdempotentParameterMismatchException when it was another one
   */
  seen(token: string, digest: string): boolean {
    const known = this.#cloud.database.get<{ digest: string }>(
      'SELECT digest FROM dynamodb_tokens WHERE token = ? AND at > ?',
      token,
      this.#cloud.now() - KNOWN_MS,
    );
    if (known && known.digest !== digest) {
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'DynamoDB rejected the request because you retried a request with a different payload ' +
          'but with an idempotent token that was already used.',
      );
    }
    return known !== undefined;
  }

  remember(token: string, digest: string): void {
    const now = this.#cloud.now();
    this.#cloud.database.run('DELETE FROM dynamodb_tokens WHERE at <= ?', now - KNOWN_MS);
    this.#cloud.database.run(
      'INSERT OR REPLACE INTO dynamodb_tokens VALUES (?, ?, ?)',
      token,
      digest,
      now,
    );
  }
}
