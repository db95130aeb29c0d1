import type { Cloud } from '#local/kernel/cloud.ts';
import type { Action, Service } from '#local/kernel/service.ts';
import {
  getBucketLocation,
  getBucketPolicy,
  getBucketVersioning,
  headBucket,
  listBuckets,
  listObjectVersions,
} from './actions/bucket-actions.ts';
import { completeMultipartUpload } from './actions/complete-multipart-upload.ts';
import { copyObject } from './actions/copy-object.ts';
import { deleteObject, deleteObjects } from './actions/delete-object.ts';
import { getObject, headObject } from './actions/get-object.ts';
import { listObjectsV2 } from './actions/list-objects.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './actions/multipart-upload.ts';
import { getObjectAttributes, getObjectTagging } from './actions/object-details.ts';
import { postObject } from './actions/post-object.ts';
import { putObject } from './actions/put-object.ts';
import { bucketPolicyProvider, bucketProvider } from './buckets/bucket-providers.ts';
import { Buckets } from './buckets/buckets.ts';
import { Notifications } from './notifications.ts';
import { BodyStore } from './objects/body-store.ts';
import { ObjectStore } from './objects/object-store.ts';
import { UploadStore } from './objects/upload-store.ts';
import type { S3Parts } from './s3-parts.ts';
import { parseRequest } from './wire/parse-request.ts';
import { renderFailure, renderResponse } from './wire/render-response.ts';

/**
 * S3, path style: objects with versions and locks, conditional writes, checksums, multipart
 * uploads, form uploads, and notifications to EventBridge, queues and functions.
 */
export function s3Service(cloud: Cloud): Service {
  const bodies = new BodyStore(cloud.stateFolder);
  const uploads = new UploadStore(cloud);
  const parts: S3Parts = {
    cloud,
    bodies,
    uploads,
    buckets: new Buckets(cloud),
    objects: new ObjectStore(cloud, bodies),
    notifications: new Notifications(cloud),
  };
  return {
    name: 's3',
    wire: { parse: parseRequest, success: renderResponse, failure: renderFailure },
    actions: actions(parts),
    resources: [bucketProvider(parts), bucketPolicyProvider(parts)],
    resourcePolicy(arn) {
      const bucket = /^arn:aws:s3:::([^/]+)/.exec(arn)?.[1];
      return bucket === undefined ? undefined : parts.buckets.policy(bucket);
    },
    start() {
      parts.objects.sweepFiles();
      parts.notifications.start();
    },
    stop: () => parts.notifications.stop(),
  };
}

const actions = (parts: S3Parts): Record<string, Action<never>> => ({
  PutObject: putObject(parts),
  GetObject: getObject(parts),
  HeadObject: headObject(parts),
  DeleteObject: deleteObject(parts),
  DeleteObjects: deleteObjects(parts),
  CopyObject: copyObject(parts),
  PostObject: postObject(parts),
  ListObjectsV2: listObjectsV2(parts),
  ListObjectVersions: listObjectVersions(parts),
  GetObjectAttributes: getObjectAttributes(parts),
  GetObjectTagging: getObjectTagging(parts),
  CreateMultipartUpload: createMultipartUpload(parts),
  UploadPart: uploadPart(parts),
  CompleteMultipartUpload: completeMultipartUpload(parts),
  AbortMultipartUpload: abortMultipartUpload(parts),
  ListParts: listParts(parts),
  ListMultipartUploads: listMultipartUploads(parts),
  ListBuckets: listBuckets(parts),
  HeadBucket: headBucket(parts),
  GetBucketLocation: getBucketLocation(parts),
  GetBucketVersioning: getBucketVersioning(parts),
  GetBucketPolicy: getBucketPolicy(parts),
});
