import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import { ArtifactStore } from '../constructs/artifact-store.ts';
import { Network } from '../constructs/network.ts';
import { PlatformKeys } from '../constructs/platform-keys.ts';
import { PlatformTable } from '../constructs/platform-table.ts';
import { TenantDatabase } from '../constructs/tenant-database.ts';

export interface DataStackProps extends StackProps {
  readonly stage: Stage;
}

/** Everything that must outlive a deployment: what is lost here is lost. */
export class DataStack extends Stack {
  readonly table: PlatformTable;
  readonly artifacts: Bucket;
  readonly mailboxes: Bucket;
  readonly permitKey: Key;
  readonly tokenKey: Key;
  readonly modelSecret: Secret;
  readonly vpc: Vpc;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { stage } = props;
    this.table = new PlatformTable(this, 'Table', { stage });
    const store = new ArtifactStore(this, 'Artifacts');
    this.artifacts = store.artifacts;
    this.mailboxes = store.mailboxes;
    const keys = new PlatformKeys(this, 'Keys');
    this.permitKey = keys.permit;
    this.tokenKey = keys.token;
    this.modelSecret = new Secret(this, 'ModelSecret', {
      description: 'The key of the language model’s endpoint',
    });
    this.vpc = new Network(this, 'Network', { stage }).vpc;
    new TenantDatabase(this, 'Database', { stage, vpc: this.vpc });
    new CfnOutput(this, 'TableName', { value: this.table.table.tableName });
    new CfnOutput(this, 'ArtifactBucketName', { value: this.artifacts.bucketName });
    new CfnOutput(this, 'MailboxBucketName', { value: this.mailboxes.bucketName });
    new CfnOutput(this, 'ModelSecretArn', { value: this.modelSecret.secretArn });
  }
}
