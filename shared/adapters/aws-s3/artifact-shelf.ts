import { Artifact } from '#shared/domain/artifact/artifact.ts';
import { sha256 } from '#shared/domain/canonical/canonical.ts';
import type { ArtifactShelf } from '#shared/ports/artifact-shelf.ts';
import { isoTime, type Clock, type IdSource } from '#shared/ports/clock.ts';
import { keys } from '../aws-dynamodb/keys.ts';
import type { TenantTable } from '../aws-dynamodb/tenant-table.ts';
import type { TenantBucket } from './bucket.ts';

/** A task's artifacts: bodies in S3 under their ids, names in the table. */
export function artifactShelf(
  table: TenantTable,
  bucket: () => TenantBucket,
  taskId: string,
  { now, nextId }: { readonly now: Clock; readonly nextId: IdSource },
): ArtifactShelf {
  const { tenant } = table;
  const find = async (name: string) => {
    const { pk, sk } = keys.artifact(tenant, taskId, name);
    const item = await table.get(pk, sk);
    return item && Artifact.parse(item);
  };
  return {
    async list() {
      const items = await table.query(keys.artifactPartition(tenant, taskId), { prefix: 'name#' });
      return items.map((item) => Artifact.parse(item));
    },
    find,
    read: (artifact) => bucket().get(`artifacts/${artifact.artifact_id}`),
    async write({ name, mediaType, body, madeBy }) {
      const digest = sha256(body);
      const there = await find(name);
      if (there?.sha256 === digest) return there;
      const id = nextId('art');
      const path = `artifacts/${id}`;
      const artifact: Artifact = {
        v: 1,
        artifact_id: id,
        tenant,
        task_id: taskId,
        name,
        media_type: mediaType,
        size: body.length,
        sha256: digest,
        key: bucket().keyOf(path),
        created_at: isoTime(now()),
        made_by: madeBy,
      };
      await bucket().put(path, body, mediaType);
      await table.put({ ...keys.artifact(tenant, taskId, name), ...artifact });
      return artifact;
    },
  };
}
