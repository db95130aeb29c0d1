/**
 * Resource types that are accepted and have no effect on a laptop, with the service of their ARNs.
 * A type that is neither here nor made by a service is refused by name when the template is loaded.
 */
export const INERT_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': 'apigateway',
  'AWS::CDK::Metadata': 'cloudformation',
  'AWS::CloudWatch::Alarm': 'cloudwatch',
  'AWS::CloudWatch::Dashboard': 'cloudwatch',
  'AWS::EC2::EIP': 'ec2',
  'AWS::EC2::FlowLog': 'ec2',
  'AWS::EC2::InternetGateway': 'ec2',
  'AWS::EC2::NatGateway': 'ec2',
  'AWS::EC2::Route': 'ec2',
  'AWS::EC2::RouteTable': 'ec2',
  'AWS::EC2::SecurityGroup': 'ec2',
  'AWS::EC2::SecurityGroupEgress': 'ec2',
  'AWS::EC2::SecurityGroupIngress': 'ec2',
  'AWS::EC2::Subnet': 'ec2',
  'AWS::EC2::SubnetRouteTableAssociation': 'ec2',
  'AWS::EC2::VPC': 'ec2',
  'AWS::EC2::VPCEndpoint': 'ec2',
  'AWS::EC2::VPCGatewayAttachment': 'ec2',
  'AWS::ECR::Repository': 'ecr',
  'AWS::RDS::DBCluster': 'rds',
  'AWS::RDS::DBClusterParameterGroup': 'rds',
  'AWS::RDS::DBInstance': 'rds',
  'AWS::RDS::DBSubnetGroup': 'rds',
  'AWS::SecretsManager::RotationSchedule': 'secretsmanager',
  'AWS::SecretsManager::SecretTargetAttachment': 'secretsmanager',
  'AWS::WAFv2::WebACL': 'wafv2',
  'AWS::WAFv2::WebACLAssociation': 'wafv2',
};

/** Whether a type is made by a service, accepted without effect, or refused. */
export function standingOf(
  type: string,
  served: ReadonlySet<string>,
): 'served' | 'inert' | 'refused' {
  if (served.has(type)) return 'served';
  return Object.hasOwn(INERT_TYPES, type) ? 'inert' : 'refused';
}
