import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { dataRoleCredentials } from '../aws-sts/data-role.ts';

const KEPT_CLIENTS = 100;
const clients = new Map<string, S3Client>();

/** An S3 client with a data role's credentials for one tenant. */
export function tenantS3(dataRoleArn: string, tenant: string): S3Client {
  const name = `${dataRoleArn} ${tenant}`;
  let client = clients.get(name);
  if (!client) {
    if (clients.size >= KEPT_CLIENTS) clients.delete(clients.keys().next().value ?? '');
    client = new S3Client({ credentials: dataRoleCredentials(dataRoleArn, tenant) });
    clients.set(name, client);
  }
  return client;
}

/** Bodies in one bucket; keys start with the tenant. */
export class TenantBucket {
  readonly tenant: string;
  readonly bucket: string;
  readonly client: S3Client;

  constructor(bucket: string, dataRoleArn: string, tenant: string) {
    this.tenant = tenant;
    this.bucket = bucket;
    this.client = tenantS3(dataRoleArn, tenant);
  }

  /** @param path the key after the tenant's prefix */
  async put(path: string, body: Uint8Array | string, mediaType: string): Promise<void> {
    await this.client.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: this.keyOf(path),
        Body: body,
        ContentType: mediaType,
      }),
    );
  }

  async get(path: string): Promise<Uint8Array> {
    const { Body } = await this.client.send(
      new GetObjectCommand({ Bucket: this.bucket, Key: this.keyOf(path) }),
    );
    if (!Body) throw new Error(`the object ${path} has no body`);
    return Body.transformToByteArray();
  }

  keyOf(path: string): string {
    return `${this.tenant}/${path}`;
  }
}
