import { Validations, type Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { DATA_ROLES, type DataRole } from './data-roles.ts';

interface Acknowledged {
  /** The path of the construct below its stack. */
  readonly at: string;
  readonly finding: string;
  readonly reason: string;
  readonly detail?: string;
}

const DATA: readonly Acknowledged[] = [
  ...['Artifacts/Artifacts', 'Artifacts/Mailboxes'].map((at) => ({
    at,
    finding: 'S1',
    reason:
      'every access goes through data roles, whose sessions CloudTrail records with their tenant',
  })),
  ...['Artifacts/Artifacts', 'Artifacts/Mailboxes'].map((at) => ({
    at,
    finding: 'S10',
    reason: 'plain HTTP is refused action by action; the rule knows only the wildcard',
  })),
  {
    at: 'ModelSecret',
    finding: 'SMG4',
    reason: 'the key belongs to the model’s vendor, who rotates it',
  },
  {
    at: 'Database/Cluster/Secret',
    finding: 'SMG4',
    reason:
      'applications sign in by IAM; rotation of the owner’s password takes a function in the VPC and comes with memory',
  },
  {
    at: 'Network/Vpc',
    finding: 'VPC7',
    reason: 'nothing but sandboxes and a database is in it; flow logs are billed while idle',
  },
];

/** The groups of interface endpoints let in the VPC's own range, which cdk-nag cannot read. */
const ENDPOINTS: readonly Acknowledged[] = ['EcrApi', 'EcrDocker', 'Logs'].map((name) => ({
  at: `Network/Vpc/${name}/SecurityGroup`,
  finding: 'EC23',
  reason: 'only HTTPS from the VPC’s own range is let in; the range is an intrinsic',
}));

const RUNTIME: readonly Acknowledged[] = [
  {
    at: 'Sandbox/Cluster',
    finding: 'ECS4',
    reason: 'billed for each task; on in the profile strict',
  },
  {
    at: 'Sandbox/ExecutionRole/DefaultPolicy',
    finding: 'IAM5',
    detail: '[Resource::*]',
    reason: 'ecr:GetAuthorizationToken has no resource',
  },
  {
    at: 'Run/Role/DefaultPolicy',
    finding: 'IAM5',
    detail: '[Resource::*]',
    reason: 'the delivery of logs has no resource: AWS names these actions with *',
  },
  {
    at: 'Run/Machine',
    finding: 'SF1',
    reason: 'execution data holds permits; errors are logged, the decision log has the rest',
  },
  {
    at: 'Run/Machine',
    finding: 'SF2',
    reason: 'traces are OpenTelemetry’s; the X-Ray tracer is in maintenance',
  },
  ...['Tasks/Main', 'Tasks/High', 'Tasks/Dead', 'Events/Undelivered'].map((at) => ({
    at,
    finding: 'SQS4',
    reason: 'plain HTTP is refused action by action; the rule knows only the wildcard',
  })),
  {
    at: 'Events/Undelivered',
    finding: 'SQS3',
    reason: 'it is the dead-letter queue of the rules’ targets',
  },
];

/** How cdk-nag names the ARNs of the buckets, which the data stack exports. */
const EXPORTED = {
  artifacts: 'ExportsOutputFnGetAttArtifactsD26CF9E8Arn33B08790',
  mailboxes: 'ExportsOutputFnGetAttArtifactsMailboxesFF20C31EArn72612558',
} as const;

/** Wildcards at the end of keys and names, told one by one: anything wider is a finding. */
function ends(dataStack: string, stage: string): Acknowledged[] {
  const objects = (bucket: keyof typeof EXPORTED, below: string) =>
    `[Resource::${dataStack}:${EXPORTED[bucket]}/<aws:PrincipalTag/tenant>/${below}*]`;
  const arn = (rest: string) => `[Resource::arn:<AWS::Partition>:${rest}]`;
  const place = '<AWS::Region>:<AWS::AccountId>';
  const ofRoles = Object.entries<DataRole>(DATA_ROLES).flatMap(([name, role]) =>
    [
      ...new Set(
        [...(role.read ?? []), ...(role.write ?? [])].map((p) => objects('artifacts', `${p}/`)),
      ),
      ...(role.mailbox ? [objects('mailboxes', '')] : []),
    ].map((detail) => ({
      at: `DataRole-${name}/Role/DefaultPolicy`,
      finding: 'IAM5',
      detail,
      reason: 'the end of a key below the tenant’s own prefix',
    })),
  );
  const ofFunctions = [
    ['finish-run', arn(`ecs:${place}:task/mirai-${stage}-sandbox/*`)],
    ['serve-tasks', arn(`ecs:${place}:task/mirai-${stage}-sandbox/*`)],
    ['sweep', arn(`states:${place}:execution:mirai-${stage}-run:*`)],
  ].map(([name, detail = '']) => ({
    at: `${name}/Role/DefaultPolicy`,
    finding: 'IAM5',
    detail,
    reason: 'the id of a task or run, within the one cluster or state machine',
  }));
  const ofRun = [
    'choose-actions',
    'judge-actions',
    'carry-out-action',
    'start-sandbox-job',
    'ask-approval',
  ].map((name) => ({
    at: 'Run/Role/DefaultPolicy',
    finding: 'IAM5',
    detail: arn(`lambda:${place}:function:mirai-${stage}-${name}:*`),
    reason: 'a run that waits over a deployment goes on with the versions that it began with',
  }));
  return [...ofRoles, ...ofFunctions, ...ofRun];
}

const operations = (stage: string): readonly Acknowledged[] => [
  {
    at: 'Operator/DefaultPolicy',
    finding: 'IAM5',
    detail: `[Resource::arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:mirai-${stage}-*]`,
    reason: 'the alarms of this stage',
  },
];

const API: readonly Acknowledged[] = [
  {
    at: 'AccessLog/Role/DefaultPolicy',
    finding: 'IAM5',
    detail: '[Resource::*]',
    reason: 'the one role of the account’s API Gateway, which names the groups itself',
  },
  {
    at: 'Api',
    finding: 'APIG2',
    reason: 'the functions validate against the same schemas that clients use',
  },
  {
    at: 'Api/DeploymentStage.api',
    finding: 'APIG6',
    reason: 'execution logs would hold bodies; access logs are on',
  },
  {
    at: 'Api/DeploymentStage.api',
    finding: 'APIG3',
    reason: 'a web ACL is billed while idle; on in the profile strict',
  },
];

/** Marks the findings of cdk-nag that stand, each with its reason. */
export function acknowledgeFindings(stacks: {
  readonly data: Stack;
  readonly runtime: Stack;
  readonly api: Stack;
  readonly operations: Stack;
  readonly stage: string;
}): void {
  const { stage } = stacks;
  acknowledge(stacks.data, [...DATA, ...ENDPOINTS]);
  acknowledge(stacks.runtime, [...RUNTIME, ...ends(stacks.data.stackName, stage)]);
  acknowledge(stacks.api, API);
  acknowledge(stacks.operations, operations(stage));
}

function acknowledge(stack: Stack, findings: readonly Acknowledged[]): void {
  for (const { at, finding, reason, detail = '' } of findings) {
    const construct = at
      .split('/')
      .reduce<IConstruct | undefined>((scope, id) => scope?.node.tryFindChild(id), stack);
    if (!construct) continue;
    Validations.of(construct).acknowledge({
      id: `AwsSolutions::AwsSolutions-${finding}${detail}`,
      reason,
    });
  }
}
