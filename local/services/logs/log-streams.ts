import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { IamRequest } from '#local/kernel/service.ts';

/** Members by which requests name a stream. */
export interface StreamRequest {
  readonly logGroupName?: string;
  readonly logStreamName?: string;
}

/** Which log groups and streams there are; the lines themselves are in files. */
export class LogStreams {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS logs_groups (name TEXT PRIMARY KEY);
      CREATE TABLE IF NOT EXISTS logs_streams (
        log_group TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (log_group, name))`);
  }

  putGroup(name: string): void {
    this.#cloud.database.run('INSERT OR IGNORE INTO logs_groups VALUES (?)', name);
  }

  removeGroup(name: string): void {
    this.#cloud.database.run('DELETE FROM logs_streams WHERE log_group = ?', name);
    this.#cloud.database.run('DELETE FROM logs_groups WHERE name = ?', name);
  }

  /** @throws AwsError `ResourceNotFoundException`, `ResourceAlreadyExistsException` */
  create(request: StreamRequest): void {
    const { group, stream } = this.#named(request);
    const { changes } = this.#cloud.database.run(
      'INSERT OR IGNORE INTO logs_streams VALUES (?, ?)',
      group,
      stream,
    );
    if (changes === 0) {
      throw new AwsError(
        'ResourceAlreadyExistsException',
        'The specified log stream already exists',
      );
    }
  }

  /** @throws AwsError `ResourceNotFoundException` when the stream was not created */
  existing(request: StreamRequest): { readonly group: string; readonly stream: string } {
    const named = this.#named(request);
    const { database } = this.#cloud;
    const sql = 'SELECT 1 FROM logs_streams WHERE log_group = ? AND name = ?';
    if (!database.get(sql, named.group, named.stream)) {
      throw notFound('The specified log stream does not exist.');
    }
    return named;
  }

  /** The permission that a call on a stream needs. */
  need(action: string, { logGroupName, logStreamName }: StreamRequest): [IamRequest] {
    const resource = `log-group:${logGroupName ?? ''}:log-stream:${logStreamName ?? ''}`;
    return [{ action: `logs:${action}`, resource: this.#cloud.arn('logs', resource) }];
  }

  #named({ logGroupName: group = '', logStreamName: stream = '' }: StreamRequest) {
    if (!/^[^:*]{1,512}$/.test(stream)) {
      throw new AwsError('InvalidParameterException', `Invalid log stream name: ${stream}`);
    }
    if (!this.#cloud.database.get('SELECT 1 FROM logs_groups WHERE name = ?', group)) {
      throw notFound('The specified log group does not exist.');
    }
    return { group, stream };
  }
}

const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);
