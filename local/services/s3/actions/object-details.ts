import type { Action } from '#local/kernel/service.ts';
import { readNeeds, type ObjectInput } from '../access.ts';
import { NULL_VERSION } from '../objects/object-store.ts';
import { invalidRequest } from '../s3-errors.ts';
import type { S3Parts } from '../s3-parts.ts';
import { requireObject } from './get-object.ts';

interface AttributesInput extends ObjectInput {
  /** A list on the wire: names with commas. */
  readonly ObjectAttributes?: string | readonly string[];
}

export const getObjectAttributes = (parts: S3Parts): Action<AttributesInput> => ({
  reads: true,
  authorize: (input) => [
    ...readNeeds(parts, input),
    ...readNeeds(parts, input, 'GetObjectAttributes').slice(0, 1),
  ],
  run(input) {
    const asked = [input.ObjectAttributes ?? []].flat().flatMap((names) => names.split(','));
    const wanted = new Set(asked.map((name) => name.trim()));
    if (wanted.size === 0) {
      throw invalidRequest(
        'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
      );
    }
    const { attributes, ...object } = requireObject(parts, input);
    const { checksum } = attributes;
    return {
      LastModified: new Date(object.modified),
      ...(object.versionId !== NULL_VERSION && { VersionId: object.versionId }),
      ...(wanted.has('ETag') && { ETag: object.etag }),
      ...(wanted.has('Checksum') &&
        checksum && {
          Checksum: {
            [`Checksum${checksum.algorithm}`]: checksum.value.split('-')[0],
            ChecksumType: checksum.type,
          },
        }),
      ...(wanted.has('ObjectParts') &&
        attributes.parts !== undefined && { ObjectParts: { PartsCount: attributes.parts } }),
      ...(wanted.has('StorageClass') && { StorageClass: attributes.StorageClass ?? 'STANDARD' }),
      ...(wanted.has('ObjectSize') && { ObjectSize: object.size }),
    };
  },
});

export const getObjectTagging = (parts: S3Parts): Action<ObjectInput> => ({
  reads: true,
  authorize: (input) => readNeeds(parts, input, 'GetObjectTagging').slice(0, 1),
  run(input) {
    const { attributes } = requireObject(parts, input);
    return {
      TagSet: Object.entries(attributes.Tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    };
  },
});
