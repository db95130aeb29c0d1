import { AwsError } from '#local/kernel/aws-error.ts';
import { missingParameter } from './sqs-error.ts';

/** What a receipt handle says: which copy of a message, and which receipt of it. */
export interface Receipt {
  readonly seq: number;
  readonly token: string;
}

export const receiptHandle = (queue: string, { seq, token }: Receipt): string =>
  Buffer.from(`${queue}/${seq}/${token}`).toString('base64url');

/** @throws AwsError ReceiptHandleIsInvalid for a handle that this queue never gave out */
export function parseReceiptHandle(queue: string, handle: unknown): Receipt {
  if (typeof handle !== 'string' || handle === '') throw missingParameter('ReceiptHandle');
  const parts = Buffer.from(handle, 'base64url').toString('utf8').split('/');
  const seq = Number(parts[1]);
  if (parts.length !== 3 || parts[0] !== queue || !Number.isSafeInteger(seq)) {
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
      404,
    );
  }
  return { seq, token: parts[2] ?? '' };
}
