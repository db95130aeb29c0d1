import type { Cloud } from '#local/kernel/cloud.ts';
import type { Buckets } from './buckets/buckets.ts';
import type { Notifications } from './notifications.ts';
import type { BodyStore } from './objects/body-store.ts';
import type { ObjectStore } from './objects/object-store.ts';
import type { UploadStore } from './objects/upload-store.ts';

/** What the actions share. */
export interface S3Parts {
  readonly cloud: Cloud;
  readonly buckets: Buckets;
  readonly objects: ObjectStore;
  readonly uploads: UploadStore;
  readonly bodies: BodyStore;
  readonly notifications: Notifications;
}
