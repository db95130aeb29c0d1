import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';

/**
 * Two zones, no NAT. Sandboxes run in public subnets behind a group that lets nothing in (economy)
 * or in isolated ones with interface endpoints (strict); the database is isolated in both.
 */
export class Network extends Construct {
  readonly vpc: Vpc;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);
    const strict = stage.profile === 'strict';
    this.vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      // Emptying the default group takes a Lambda-backed custom resource; nothing here uses the group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'data', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
        strict
          ? { name: 'sandbox', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }
          : {
              name: 'sandbox',
              subnetType: SubnetType.PUBLIC,
              cidrMask: 20,
              mapPublicIpOnLaunch: false,
            },
      ],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    if (strict) {
      const services = {
        EcrApi: InterfaceVpcEndpointAwsService.ECR,
        EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
        Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
      };
      for (const [name, service] of Object.entries(services)) {
        this.vpc.addInterfaceEndpoint(name, { service, subnets: { subnetGroupName: 'sandbox' } });
      }
    }
  }
}
