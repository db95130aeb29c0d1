import type { PolicyDocument, ResourceProvider } from '#local/kernel/service.ts';
import type { S3Parts } from '../s3-parts.ts';
import { readBucket } from './bucket-definition.ts';

/** Makes buckets and brings them up to date; a bucket with objects in it is not removed, as on AWS. */
export const bucketProvider = (parts: S3Parts): ResourceProvider => ({
  type: 'AWS::S3::Bucket',
  upsert(resource, cloud) {
    const bucket = parts.buckets.save(readBucket(resource));
    return {
      ref: bucket.name,
      attributes: {
        Arn: bucket.arn,
        DomainName: `${bucket.name}.s3.amazonaws.com`,
        RegionalDomainName: `${bucket.name}.s3.${cloud.region}.amazonaws.com`,
        DualStackDomainName: `${bucket.name}.s3.dualstack.${cloud.region}.amazonaws.com`,
        WebsiteURL: `http://${bucket.name}.s3-website-${cloud.region}.amazonaws.com`,
      },
    };
  },
  remove(ref) {
    if (parts.objects.isEmpty(ref)) parts.buckets.forget(ref);
  },
});

/** Puts policies on buckets. */
export const bucketPolicyProvider = (parts: S3Parts): ResourceProvider => ({
  type: 'AWS::S3::BucketPolicy',
  upsert(resource) {
    const name = String(resource.properties['Bucket']);
    parts.buckets.require(name);
    parts.buckets.setPolicy(name, resource.properties['PolicyDocument'] as PolicyDocument);
    return { ref: name, attributes: {} };
  },
  remove(ref) {
    if (parts.buckets.find(ref)) parts.buckets.setPolicy(ref, undefined);
  },
});
