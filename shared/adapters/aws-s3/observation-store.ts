import type { ObservationStore } from '#shared/ports/observation-store.ts';
import type { TenantBucket } from './bucket.ts';

const path = (runId: string, digest: string) => `observations/${runId}/${digest}`;

/** Large observations in S3, named by run and digest. */
export const s3ObservationStore = (bucket: TenantBucket): ObservationStore => ({
  put: (runId, digest, json) => bucket.put(path(runId, digest), json, 'application/json'),
  get: async (runId, digest) => new TextDecoder().decode(await bucket.get(path(runId, digest))),
});
