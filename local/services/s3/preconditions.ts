import { AwsError } from '#local/kernel/aws-error.ts';
import type { ObjectRecord } from './objects/object-record.ts';
import { noSuchKey, notImplemented, preconditionFailed } from './s3-errors.ts';

/** Conditions of a request on the state of an object. */
export interface Preconditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: string | Date;
  readonly IfUnmodifiedSince?: string | Date;
}

/**
 * Judges a read as RFC 9110 orders the conditions.
 *
 * @throws AwsError PreconditionFailed (412), or 304 when the reader's copy is current
 */
export function checkRead(conditions: Preconditions, object: ObjectRecord): void {
  const { IfMatch, IfNoneMatch } = conditions;
  const modified = Math.floor(object.modified / 1000);
  const since = seconds(conditions.IfModifiedSince);
  const unmodified = seconds(conditions.IfUnmodifiedSince);
  if (IfMatch !== undefined) {
    if (!names(IfMatch, object.etag)) throw preconditionFailed('If-Match');
  } else if (unmodified !== undefined && modified > unmodified) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (IfNoneMatch !== undefined) {
    if (names(IfNoneMatch, object.etag)) throw notModified(object);
  } else if (since !== undefined && modified <= since) throw notModified(object);
}

/** Judges the source of a copy. @throws AwsError PreconditionFailed */
export function checkCopySource(conditions: Preconditions, object: ObjectRecord): void {
  try {
    checkRead(conditions, object);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const condition =
      error.status === 412
        ? String(error.fields['Condition'])
        : conditions.IfNoneMatch === undefined
          ? 'If-Modified-Since'
          : 'If-None-Match';
    throw preconditionFailed(`x-amz-copy-source-${condition}`);
  }
}

/**
 * Judges a conditional write against the current version.
 *
 * @throws AwsError PreconditionFailed, NoSuchKey when `If-Match` finds no object, NotImplemented
 */
export function checkWrite(
  conditions: Preconditions,
  key: string,
  current: ObjectRecord | undefined,
): void {
  const { IfMatch, IfNoneMatch } = conditions;
  if (IfMatch !== undefined && IfNoneMatch !== undefined) {
    throw notImplemented(
      'If-Match,If-None-Match',
      'Multiple conditional request headers present in the request',
    );
  }
  const exists = current !== undefined && !current.deleteMarker;
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== '*') {
      throw notImplemented(
        'If-None-Match',
        "We don't accept the provided value of If-None-Match header for this API",
      );
    }
    if (exists) throw preconditionFailed('If-None-Match');
  }
  if (IfMatch !== undefined) {
    if (IfMatch === '*') {
      throw notImplemented(
        'If-Match',
        "We don't accept the provided value of If-Match header for this API",
      );
    }
    if (!exists) throw noSuchKey(key);
    if (!names(IfMatch, current.etag)) throw preconditionFailed('If-Match');
  }
}

/** Whether a list of entity tags, quoted or not, names this one. */
function names(list: string, etag: string): boolean {
  return list
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''))
    .some((tag) => tag === '*' || tag === etag);
}

function notModified(object: ObjectRecord): AwsError {
  return new AwsError('304', 'Not Modified', 304, {
    'header:etag': `"${object.etag}"`,
    'header:last-modified': new Date(object.modified).toUTCString(),
  });
}

/** A date that cannot be read is no condition. */
function seconds(value: string | Date | undefined): number | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value).getTime();
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}
