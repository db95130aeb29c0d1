import type { Cloud } from '#local/kernel/cloud.ts';
import type { PolicyDocument, PolicyStatement } from '#local/kernel/service.ts';

/** The statements that `AWS::Lambda::Permission` puts on functions, versions and aliases. */
export class FunctionPolicies {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(
      'CREATE TABLE IF NOT EXISTS lambda_permission (sid TEXT PRIMARY KEY, arn TEXT NOT NULL, statement TEXT NOT NULL)',
    );
  }

  /** @param arn of the function, with the qualifier for which the permission holds */
  put(sid: string, arn: string, statement: PolicyStatement): void {
    this.#cloud.database.run(
      'INSERT OR REPLACE INTO lambda_permission VALUES (?, ?, ?)',
      sid,
      arn,
      JSON.stringify(statement),
    );
  }

  remove(sid: string): void {
    this.#cloud.database.run('DELETE FROM lambda_permission WHERE sid = ?', sid);
  }

  /** The policy on exactly this ARN: one on an alias does not hold for the function, nor vice versa. */
  of(arn: string): PolicyDocument | undefined {
    const rows = this.#cloud.database.all<{ statement: string }>(
      'SELECT statement FROM lambda_permission WHERE arn = ? ORDER BY sid',
      arn,
    );
    if (rows.length === 0) return undefined;
    const statements = rows.map((row) => JSON.parse(row.statement) as PolicyStatement);
    return { Version: '2012-10-17', Statement: statements };
  }
}
