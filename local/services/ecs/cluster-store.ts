import type { Cloud } from '#local/kernel/cloud.ts';
import { clusterNotFound } from './ecs-error.ts';

/** Clusters by name. */
export class ClusterStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define('CREATE TABLE IF NOT EXISTS ecs_clusters (name TEXT PRIMARY KEY)');
  }

  arn(name: string): string {
    return this.#cloud.arn('ecs', `cluster/${name}`);
  }

  put(name: string): void {
    this.#cloud.database.run('INSERT OR IGNORE INTO ecs_clusters VALUES (?)', name);
  }

  remove(name: string): void {
    this.#cloud.database.run('DELETE FROM ecs_clusters WHERE name = ?', name);
  }

  /**
   * @param reference a name or an ARN; none means `default`
   * @returns the cluster's name
   * @throws AwsError ClusterNotFoundException
   */
  find(reference = 'default'): string {
    const name = reference.startsWith('arn:') ? this.#nameIn(reference) : reference;
    const row = this.#cloud.database.get('SELECT name FROM ecs_clusters WHERE name = ?', name);
    if (!row) throw clusterNotFound();
    return name;
  }

  #nameIn(arn: string): string {
    const prefix = this.arn('');
    if (!arn.startsWith(prefix)) throw clusterNotFound();
    return arn.slice(prefix.length);
  }
}
