import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { bucketNeed } from '../access.ts';
import type { S3Parts } from '../s3-parts.ts';
import { encoder } from './list-objects.ts';

interface BucketInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
}

export const listBuckets = (parts: S3Parts): Action<object> => ({
  reads: true,
  authorize: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
  run: () => ({
    Buckets: parts.buckets.all.map(({ name, createdAt }) => ({
      Name: name,
      CreationDate: new Date(createdAt),
    })),
    Owner: { ID: parts.cloud.account },
  }),
});

export const headBucket = (parts: S3Parts): Action<BucketInput> => ({
  reads: true,
  authorize: (input) => [bucketNeed(parts, 'ListBucket', input.Bucket)],
  run(input) {
    parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    return { BucketRegion: parts.cloud.region };
  },
});

export const getBucketLocation = (parts: S3Parts): Action<BucketInput> => ({
  reads: true,
  authorize: (input) => [bucketNeed(parts, 'GetBucketLocation', input.Bucket)],
  run(input) {
    parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    const { region } = parts.cloud;
    // The first region is written as nothing.
    return region === 'us-east-1' ? {} : { LocationConstraint: region };
  },
});

export const getBucketVersioning = (parts: S3Parts): Action<BucketInput> => ({
  reads: true,
  authorize: (input) => [bucketNeed(parts, 'GetBucketVersioning', input.Bucket)],
  run(input) {
    const { versioned } = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    return versioned ? { Status: 'Enabled' } : {};
  },
});

export const getBucketPolicy = (parts: S3Parts): Action<BucketInput> => ({
  reads: true,
  authorize: (input) => [bucketNeed(parts, 'GetBucketPolicy', input.Bucket)],
  run(input) {
    parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    const policy = parts.buckets.policy(input.Bucket);
    if (policy) return { Policy: JSON.stringify(policy) };
    throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, {
      BucketName: input.Bucket,
    });
  },
});

interface VersionsInput extends BucketInput {
  readonly Prefix?: string;
  readonly MaxKeys?: number;
  readonly Delimiter?: string;
  readonly KeyMarker?: string;
  readonly EncodingType?: string;
}

/** One page of at most 1,000 versions; a bucket with more under the prefix is refused. */
export const listObjectVersions = (parts: S3Parts): Action<VersionsInput> => ({
  reads: true,
  authorize: (input) => [
    bucketNeed(parts, 'ListBucketVersions', input.Bucket, {
      ...(input.Prefix !== undefined && { 's3:prefix': input.Prefix }),
    }),
  ],
  run(input) {
    const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    if (input.Delimiter || input.KeyMarker) throw notServed('pages of S3 ListObjectVersions');
    const encode = encoder(input.EncodingType);
    const limit = Math.min(input.MaxKeys ?? 1000, 1000);
    const found = parts.objects.versions(bucket.name, input.Prefix ?? '', limit + 1);
    if (found.length > limit) throw notServed('pages of S3 ListObjectVersions');
    const common = (version: (typeof found)[number]) => ({
      Key: encode(version.key),
      VersionId: version.versionId,
      IsLatest: version.latest,
      LastModified: new Date(version.modified),
    });
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      KeyMarker: '',
      MaxKeys: limit,
      EncodingType: input.EncodingType,
      IsTruncated: false,
      Versions: found
        .filter((version) => !version.deleteMarker)
        .map((version) => ({
          ...common(version),
          ETag: `"${version.etag}"`,
          Size: version.size,
          StorageClass: version.attributes.StorageClass ?? 'STANDARD',
        })),
      DeleteMarkers: found.filter((version) => version.deleteMarker).map(common),
    };
  },
});
