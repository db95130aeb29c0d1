import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';

/** Postgres with pgvector for memory and knowledge. In `economy` it sleeps at 0 ACU while unused. */
export class TenantDatabase extends Construct {
  readonly cluster: DatabaseCluster;

  constructor(
    scope: Construct,
    id: string,
    { stage, vpc }: { readonly stage: Stage; readonly vpc: Vpc },
  ) {
    super(scope, id);
    const strict = stage.profile === 'strict';
    this.cluster = new DatabaseCluster(this, 'Cluster', {
      engine: DatabaseClusterEngine.auroraPostgres({
        version: AuroraPostgresEngineVersion.VER_17_5,
      }),
      writer: ClusterInstance.serverlessV2('writer'),
      readers: strict ? [ClusterInstance.serverlessV2('reader', { scaleWithWriter: true })] : [],
      serverlessV2MinCapacity: strict ? 0.5 : 0,
      serverlessV2MaxCapacity: 4,
      vpc,
      vpcSubnets: { subnetGroupName: 'data' },
      credentials: Credentials.fromGeneratedSecret('mirai'),
      defaultDatabaseName: 'mirai',
      iamAuthentication: true,
      storageEncrypted: true,
      deletionProtection: true,
      backup: { retention: Duration.days(strict ? 35 : 7) },
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
