/**
 * How a resource type stands: `served` by a service of the local cloud; `inert`, which is accepted and
 * has no effect on a laptop, with the service that stands in its ARN; `refused`, with the reason.
 */
export type Standing =
  { readonly served: string } | { readonly inert: string } | { readonly refused: string };

/**
 * The one table of resource types. A type that is not in it is refused by its name when a template
 * is loaded. The `Ref` of an inert resource is `<stack>-<logical id>`; its attributes are an ARN where
 * their name ends with `Arn`, else `<Ref>-<attribute>`.
 */
export const RESOURCE_TYPES: Readonly<Record<string, Standing>> = {
  'AWS::ApiGateway::Account': { inert: 'apigateway' },
  'AWS::ApiGateway::Deployment': { served: 'execute-api' },
  'AWS::ApiGateway::RestApi': { served: 'execute-api' },
  'AWS::ApiGateway::Stage': { served: 'execute-api' },
  'AWS::CDK::Metadata': { inert: 'cloudformation' },
  'AWS::CloudFormation::CustomResource': {
    refused: 'a handler would run with rights that no role of the template shows',
  },
  'AWS::CloudFormation::Stack': { refused: 'the assembly has each stack as one of its own' },
  'AWS::CloudWatch::Alarm': { inert: 'cloudwatch' },
  'AWS::CloudWatch::Dashboard': { inert: 'cloudwatch' },
  'AWS::DynamoDB::GlobalTable': { served: 'dynamodb' },
  'AWS::DynamoDB::Table': { served: 'dynamodb' },
  'AWS::EC2::EIP': { inert: 'ec2' },
  'AWS::EC2::FlowLog': { inert: 'ec2' },
  'AWS::EC2::InternetGateway': { inert: 'ec2' },
  'AWS::EC2::NatGateway': { inert: 'ec2' },
  'AWS::EC2::Route': { inert: 'ec2' },
  'AWS::EC2::RouteTable': { inert: 'ec2' },
  'AWS::EC2::SecurityGroup': { inert: 'ec2' },
  'AWS::EC2::SecurityGroupEgress': { inert: 'ec2' },
  'AWS::EC2::SecurityGroupIngress': { inert: 'ec2' },
  'AWS::EC2::Subnet': { inert: 'ec2' },
  'AWS::EC2::SubnetRouteTableAssociation': { inert: 'ec2' },
  'AWS::EC2::VPC': { inert: 'ec2' },
  'AWS::EC2::VPCEndpoint': { inert: 'ec2' },
  'AWS::EC2::VPCGatewayAttachment': { inert: 'ec2' },
  'AWS::ECR::Repository': { inert: 'ecr' },
  'AWS::ECS::Cluster': { served: 'ecs' },
  'AWS::ECS::ClusterCapacityProviderAssociations': { served: 'ecs' },
  'AWS::ECS::TaskDefinition': { served: 'ecs' },
  'AWS::Events::EventBus': { served: 'events' },
  'AWS::Events::Rule': { served: 'events' },
  'AWS::IAM::ManagedPolicy': { served: 'iam' },
  'AWS::IAM::Policy': { served: 'iam' },
  'AWS::IAM::Role': { served: 'iam' },
  'AWS::KMS::Alias': { served: 'kms' },
  'AWS::KMS::Key': { served: 'kms' },
  'AWS::Lambda::Alias': { served: 'lambda' },
  'AWS::Lambda::EventInvokeConfig': { served: 'lambda' },
  'AWS::Lambda::EventSourceMapping': { served: 'lambda' },
  'AWS::Lambda::Function': { served: 'lambda' },
  'AWS::Lambda::LayerVersion': { refused: 'functions are bundled whole' },
  'AWS::Lambda::Permission': { served: 'lambda' },
  'AWS::Lambda::Url': { refused: 'the API is the only way in' },
  'AWS::Lambda::Version': { served: 'lambda' },
  'AWS::Logs::LogGroup': { served: 'logs' },
  'AWS::RDS::DBCluster': { inert: 'rds' },
  'AWS::RDS::DBClusterParameterGroup': { inert: 'rds' },
  'AWS::RDS::DBInstance': { inert: 'rds' },
  'AWS::RDS::DBSubnetGroup': { inert: 'rds' },
  'AWS::S3::Bucket': { served: 's3' },
  'AWS::S3::BucketPolicy': { served: 's3' },
  'AWS::SES::ConfigurationSet': { served: 'ses' },
  'AWS::SES::ConfigurationSetEventDestination': { served: 'ses' },
  'AWS::SES::EmailIdentity': { served: 'ses' },
  'AWS::SQS::Queue': { served: 'sqs' },
  'AWS::SQS::QueuePolicy': { served: 'sqs' },
  'AWS::SecretsManager::RotationSchedule': { inert: 'secretsmanager' },
  'AWS::SecretsManager::Secret': { served: 'secretsmanager' },
  'AWS::SecretsManager::SecretTargetAttachment': { inert: 'secretsmanager' },
  'AWS::StepFunctions::StateMachine': { served: 'states' },
  'AWS::StepFunctions::StateMachineAlias': { served: 'states' },
  'AWS::StepFunctions::StateMachineVersion': { served: 'states' },
  'AWS::WAFv2::WebACL': { inert: 'wafv2' },
  'AWS::WAFv2::WebACLAssociation': { inert: 'wafv2' },
};

/** Why a type is refused; undefined when it is served (also by a service of a test) or inert. */
export function refusalOf(type: string, served: ReadonlySet<string>): string | undefined {
  if (served.has(type)) return undefined;
  const standing = Object.hasOwn(RESOURCE_TYPES, type) ? RESOURCE_TYPES[type] : undefined;
  if (standing && 'inert' in standing) return undefined;
  return standing && 'refused' in standing ? standing.refused : 'not in the table of types';
}

/** The service in the ARN of an inert resource. */
export function inertService(type: string): string {
  const standing = RESOURCE_TYPES[type];
  return standing && 'inert' in standing ? standing.inert : 'unknown';
}

/** The table as it stands in `local/README.md`. */
export function resourceTypesInMarkdown(): string {
  const named = (kind: string) =>
    Object.entries(RESOURCE_TYPES).filter(([, standing]) => kind in standing);
  const types = (kind: string) =>
    named(kind)
      .map(([type]) => `\`${type}\``)
      .join(', ');
  const refused = named('refused').map(([type, standing]) =>
    'refused' in standing ? `\`${type}\` (${standing.refused})` : '',
  );
  return [
    '| standing | types |',
    '| --- | --- |',
    `| served | ${types('served')} |`,
    `| inert | ${types('inert')} |`,
    `| refused | ${refused.join(', ')}; all others |`,
  ].join('\n');
}
