import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Key, KeyStore } from './key-store.ts';

/** Names and values that a ciphertext is bound to without containing them. */
export type EncryptionContext = Readonly<Record<string, string>>;

const VERSION = 1;
const ID_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES + IV_BYTES + TAG_BYTES;

/** A blob in base64 that carries its key's id: version, id, nonce, tag, AES-256-GCM ciphertext. */
export function seal(key: Key, plaintext: Buffer, context: EncryptionContext): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.material, iv).setAAD(boundTo(context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const id = Buffer.from(key.id.replaceAll('-', ''), 'hex');
  return Buffer.concat([Buffer.from([VERSION]), id, iv, cipher.getAuthTag(), sealed]).toString(
    'base64',
  );
}

/**
 * The key that a blob was made with.
 *
 * @throws AwsError `InvalidCiphertextException` when it is no blob of a key of this account
 */
export function keyOf(blob: string, keys: KeyStore): Key {
  const bytes = Buffer.from(blob, 'base64');
  if (bytes.length < HEADER_BYTES || bytes[0] !== VERSION) throw invalidCiphertext();
  const hex = bytes.toString('hex', 1, 1 + ID_BYTES);
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const key = keys.byId(id);
  if (key?.spec !== 'SYMMETRIC_DEFAULT') throw invalidCiphertext();
  return key;
}

/** @throws AwsError `InvalidCiphertextException` when blob or context are not those of `seal` */
export function open(key: Key, blob: string, context: EncryptionContext): Buffer {
  const bytes = Buffer.from(blob, 'base64');
  const iv = bytes.subarray(1 + ID_BYTES, 1 + ID_BYTES + IV_BYTES);
  const tag = bytes.subarray(HEADER_BYTES - TAG_BYTES, HEADER_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key.material, iv)
    .setAAD(boundTo(context))
    .setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

/** The context's pairs in the order of their names, which a request may send in any order. */
const boundTo = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));

const invalidCiphertext = (): AwsError =>
  new AwsError(
    'InvalidCiphertextException',
    'The ciphertext or its encryption context is missing, corrupted or otherwise invalid.',
  );
