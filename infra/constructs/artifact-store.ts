import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { onlyHttps } from './only-https.ts';

const PRIVATE = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  encryption: BucketEncryption.S3_MANAGED,
} as const;

/** What reads, changes or names objects. */
const OBJECT_ACTIONS = [
  's3:AbortMultipartUpload',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:GetObject',
  's3:GetObjectVersion',
  's3:ListBucket',
  's3:ListBucketVersions',
  's3:PutObject',
];

/** The buckets: what runs keep, and the mailboxes of their sandboxes. */
export class ArtifactStore extends Construct {
  /** Artifacts, observations and transcripts, one prefix a tenant. */
  readonly artifacts: Bucket;
  /** Jobs and results of sandboxes; gone after a day. */
  readonly mailboxes: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.artifacts = new Bucket(this, 'Artifacts', {
      ...PRIVATE,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.mailboxes = new Bucket(this, 'Mailboxes', {
      ...PRIVATE,
      lifecycleRules: [{ expiration: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const bucket of [this.artifacts, this.mailboxes]) {
      bucket.addToResourcePolicy(
        onlyHttps(OBJECT_ACTIONS, [bucket.bucketArn, bucket.arnForObjects('*')]),
      );
    }
    // The L2 property would add a Lambda-backed custom resource; the bucket can do it by itself.
    const mailboxes = this.mailboxes.node.defaultChild as CfnBucket;
    mailboxes.notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
  }
}
