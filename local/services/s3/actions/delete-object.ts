import type { Action, Call, IamRequest } from '#local/kernel/service.ts';
import { AwsError } from '#local/kernel/aws-error.ts';
import { objectNeed, type ObjectInput } from '../access.ts';
import type { Bucket } from '../buckets/buckets.ts';
import type { ObjectRecord } from '../objects/object-record.ts';
import { NULL_VERSION } from '../objects/object-store.ts';
import { checkWrite } from '../preconditions.ts';
import { accessDenied, malformedXml, notImplemented } from '../s3-errors.ts';
import type { S3Parts } from '../s3-parts.ts';

interface DeleteInput extends ObjectInput {
  readonly IfMatch?: string;
  readonly IfMatchLastModifiedTime?: string;
  readonly IfMatchSize?: string;
  readonly BypassGovernanceRetention?: boolean;
}

interface DeleteManyInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
  readonly BypassGovernanceRetention?: boolean;
  readonly Delete: {
    readonly Quiet?: boolean;
    readonly Objects: readonly { Key: string; VersionId?: string; ETag?: string }[];
  };
}

const MAX_OBJECTS = 1000;

export const deleteObject = (parts: S3Parts): Action<DeleteInput> => ({
  authorize: (input) => deleteNeeds(parts, input),
  run(input, call) {
    if (input.IfMatchLastModifiedTime !== undefined) {
      throw notImplemented('x-amz-if-match-last-modified-time');
    }
    if (input.IfMatchSize !== undefined) throw notImplemented('x-amz-if-match-size');
    const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    return deleteOne(parts, bucket, input, call, 'DeleteObject');
  },
});

export const deleteObjects = (parts: S3Parts): Action<DeleteManyInput> => ({
  authorize: (input) =>
    input.Delete.Objects.flatMap((object) => deleteNeeds(parts, { ...input, ...object })),
  run(input, call) {
    const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    const { Objects, Quiet } = input.Delete;
    if (Objects.length === 0 || Objects.length > MAX_OBJECTS) throw malformedXml();
    const deleted: object[] = [];
    const errors: object[] = [];
    for (const { Key, VersionId, ETag } of Objects) {
      try {
        const one = { ...input, Key, VersionId, IfMatch: ETag };
        const { DeleteMarker, VersionId: done } = deleteOne(
          parts,
          bucket,
          one,
          call,
          'DeleteObjects',
        );
        deleted.push({
          Key,
          VersionId,
          ...(DeleteMarker && { DeleteMarker, DeleteMarkerVersionId: done }),
        });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        errors.push({ Key, VersionId, Code: error.code, Message: error.message });
      }
    }
    return {
      ...(!Quiet && deleted.length > 0 && { Deleted: deleted }),
      ...(errors.length > 0 && { Errors: errors }),
    };
  },
});

function deleteNeeds(parts: S3Parts, input: DeleteInput): IamRequest[] {
  const action = input.VersionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion';
  const needs = [objectNeed(parts, action, input)];
  if (input.BypassGovernanceRetention) {
    needs.push(objectNeed(parts, 'BypassGovernanceRetention', input));
  }
  if (input.IfMatch !== undefined) needs.push(objectNeed(parts, 'GetObject', input));
  return needs;
}

function deleteOne(
  parts: S3Parts,
  bucket: Bucket,
  input: DeleteInput,
  call: Call,
  reason: string,
): { VersionId?: string; DeleteMarker?: boolean } {
  const { Key, VersionId } = input;
  const current = parts.objects.latest(bucket.name, Key);
  if (input.IfMatch !== undefined) checkWrite({ IfMatch: input.IfMatch }, Key, current);
  const publish = (object: ObjectRecord, marker: boolean) =>
    parts.notifications.publish({
      bucket,
      object,
      name: marker ? 'ObjectRemoved:DeleteMarkerCreated' : 'ObjectRemoved:Delete',
      reason,
      requestId: call.requestId,
      deletionType: marker ? 'Delete Marker Created' : 'Permanently Deleted',
    });
  if (VersionId !== undefined) {
    const version = parts.objects.version(bucket.name, Key, VersionId);
    if (version) {
      refuseLocked(version, input.BypassGovernanceRetention === true, parts.cloud.now());
      parts.objects.remove(version);
      publish(version, false);
    }
    return { VersionId, ...(version?.deleteMarker && { DeleteMarker: true }) };
  }
  // Also once versioning has been suspended: older versions stay below a marker named `null`.
  if (bucket.versioned || (current && current.versionId !== NULL_VERSION)) {
    const marker = parts.objects.mark(bucket.name, Key, bucket.versioned);
    publish(marker, true);
    return { VersionId: marker.versionId, DeleteMarker: true };
  }
  if (current) {
    parts.objects.remove(current);
    publish(current, false);
  }
  return {};
}

/** @throws AwsError AccessDenied while an object lock holds the version */
function refuseLocked({ attributes }: ObjectRecord, bypass: boolean, now: number): void {
  const until = attributes.ObjectLockRetainUntilDate;
  const retained = until !== undefined && new Date(until).getTime() > now;
  const bypassed = bypass && attributes.ObjectLockMode === 'GOVERNANCE';
  if ((retained && !bypassed) || attributes.ObjectLockLegalHoldStatus === 'ON') {
    throw accessDenied('Access Denied because object protected by object lock.');
  }
}
