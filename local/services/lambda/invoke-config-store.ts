import type { Cloud } from '#local/kernel/cloud.ts';

/** How often and how long an asynchronous event is tried. */
export interface InvokeConfig {
  /** @default 2 */
  readonly maxRetries: number;
  /** @default 6 hours */
  readonly maxAgeSeconds: number;
}

const DEFAULT: InvokeConfig = { maxRetries: 2, maxAgeSeconds: 21_600 };

/** The `AWS::Lambda::EventInvokeConfig` of functions, versions and aliases. */
export class InvokeConfigStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS lambda_invoke_config (
      function TEXT, qualifier TEXT, retries INTEGER NOT NULL, age INTEGER NOT NULL,
      PRIMARY KEY (function, qualifier))`);
  }

  put(functionName: string, qualifier: string, config: Partial<InvokeConfig>): void {
    const { maxRetries, maxAgeSeconds } = { ...DEFAULT, ...config };
    this.#cloud.database.run(
      'INSERT OR REPLACE INTO lambda_invoke_config VALUES (?, ?, ?, ?)',
      functionName,
      qualifier,
      maxRetries,
      maxAgeSeconds,
    );
  }

  /** What holds for the qualifier that an event was sent to. @default qualifier '$LATEST' */
  get(functionName: string, qualifier = '$LATEST'): InvokeConfig {
    const row = this.#cloud.database.get<{ retries: number; age: number }>(
      'SELECT retries, age FROM lambda_invoke_config WHERE function = ? AND qualifier = ?',
      functionName,
      qualifier,
    );
    return row ? { maxRetries: row.retries, maxAgeSeconds: row.age } : DEFAULT;
  }

  remove(functionName: string, qualifier: string): void {
    this.#cloud.database.run(
      'DELETE FROM lambda_invoke_config WHERE function = ? AND qualifier = ?',
      functionName,
      qualifier,
    );
  }
}
