import { Aws, CfnParameter, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { CfnSecurityGroup, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { CfnCluster, CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';

const IMAGE = 'build/containers/sandbox';

export interface SandboxClusterProps {
  readonly stage: Stage;
  readonly vpc: Vpc;
  readonly logRetention: RetentionDays;
}

/**
 * Where untrusted code runs: a Fargate task without a task role, with a read-only root. Its command
 * says how the isolated half is entered (`SandboxBox`): by the launcher in the image, or by
 * bubblewrap on a laptop.
 */
export class SandboxCluster extends Construct {
  readonly cluster: CfnCluster;
  readonly taskDefinition: CfnTaskDefinition;
  readonly executionRole: Role;
  readonly sealed: CfnSecurityGroup;
  readonly egress: CfnSecurityGroup;
  readonly subnets: string;

  constructor(scope: Construct, id: string, { stage, vpc, logRetention }: SandboxClusterProps) {
    super(scope, id);
    this.cluster = new CfnCluster(this, 'Cluster', {
      clusterName: `mirai-${stage.name}-sandbox`,
      clusterSettings: [
        { name: 'containerInsights', value: stage.profile === 'strict' ? 'enabled' : 'disabled' },
      ],
    });
    const image = new DockerImageAsset(this, 'Image', {
      directory: IMAGE,
      platform: Platform.LINUX_ARM64,
    });
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/ecs/mirai-${stage.name}-sandbox`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.executionRole = this.#executionRole(stage.name, image, logs);
    this.taskDefinition = this.#taskDefinition(stage.name, image, logs);
    // Neither lets anything in. `sealed` reaches only what a mailbox needs: HTTPS to S3.
    this.sealed = this.#group(
      'Sealed',
      vpc,
      'Sandboxes: nothing in, HTTPS out for the mailbox shell',
    );
    this.egress = this.#group(
      'Egress',
      vpc,
      'Sandboxes with the egress proxy: nothing in, HTTPS out',
    );
    this.subnets = Fn.join(',', vpc.selectSubnets({ subnetGroupName: 'sandbox' }).subnetIds);
  }

  #executionRole(stage: string, image: DockerImageAsset, logs: LogGroup): Role {
    const role = new Role(this, 'ExecutionRole', {
      roleName: `mirai-${stage}-sandbox-execution`,
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'SignInToRegistry',
        actions: ['ecr:GetAuthorizationToken'],
        resources: ['*'],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'PullImage',
        actions: [
          'ecr:BatchCheckLayerAvailability',
          'ecr:BatchGetImage',
          'ecr:GetDownloadUrlForLayer',
        ],
        resources: [image.repository.repositoryArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'WriteLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logs.logGroupArn],
      }),
    );
    return role;
  }

  #taskDefinition(stage: string, image: DockerImageAsset, logs: LogGroup): CfnTaskDefinition {
    const box = new CfnParameter(this, 'SandboxBox', {
      default: 'launcher',
      allowedValues: ['launcher', 'bubblewrap'],
      description:
        'How the isolated half is entered: by the launcher of the image, or by bubblewrap',
    });
    box.overrideLogicalId('SandboxBox');
    return new CfnTaskDefinition(this, 'Task', {
      family: `mirai-${stage}-sandbox`,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
      executionRoleArn: this.executionRole.roleArn,
      volumes: [{ name: 'workspace' }, { name: 'tmp' }],
      containerDefinitions: [
        {
          name: 'sandbox',
          image: image.imageUri,
          essential: true,
          command: ['node', 'main.cjs', '--box', box.valueAsString],
          readonlyRootFilesystem: true,
          linuxParameters: {
            initProcessEnabled: true,
            capabilities: { drop: DROPPED_CAPABILITIES },
          },
          mountPoints: [
            { sourceVolume: 'workspace', containerPath: '/workspace', readOnly: false },
            { sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false },
          ],
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': logs.logGroupName,
              'awslogs-region': Aws.REGION,
              'awslogs-stream-prefix': 'sandbox',
            },
          },
        },
      ],
    });
  }

  #group(id: string, vpc: Vpc, description: string): CfnSecurityGroup {
    return new CfnSecurityGroup(this, id, {
      groupDescription: description,
      vpcId: vpc.vpcId,
      securityGroupEgress: [
        {
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          cidrIp: '0.0.0.0/0',
          description: 'HTTPS',
        },
      ],
    });
  }
}

/** Docker's default capabilities but the three with which the launcher gives up its uid and ends jobs. */
const DROPPED_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETPCAP',
  'SYS_CHROOT',
];
