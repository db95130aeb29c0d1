import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { composeStage } from '#infra/app.ts';
import { STAGES } from '#infra/config/stage.ts';
import { Platform } from '#tests/support/platform.ts';
import { printTable } from '../table.ts';
import { HOURS_A_MONTH, PRICES } from './prices.ts';

/** What a 10-step task with three sandbox jobs uses, counted in the local cloud, and priced. */
const note = { tool: 'note', input: { text: 'x' } };
const code = { tool: 'run_code', input: { language: 'bash', code: 'true' } };
const steps = [note, note, code, note, note, code, note, note, code, note];
const usd = (value: number): string => value.toFixed(7);

const platform = await new Platform().start();
try {
  const { owner } = await platform.tenant('cost');
  const workflow = { workflow: { steps } };
  await platform.ended(owner, await platform.submit(owner, workflow), 120);
  const before = requests();
  const transitionsBefore = transitions();
  await platform.ended(owner, await platform.submit(owner, workflow), 120);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const lines = price(difference(before, requests()), transitions() - transitionsBefore);
  printTable(lines.map(({ what, count, cost }) => ({ what, count, usd: usd(cost) })));
  const total = lines.reduce((sum, { cost }) => sum + cost, 0);
  console.log(`a 10-step task with three sandbox jobs: ${usd(total)} USD (first gate 0.003)`);
  const passed = lines[0]?.count ?? 0;
  console.log(`transitions: ${passed} (first gate 70)`);
  if (total > 0.003 || passed > 70) process.exitCode = 1;
} finally {
  await platform.remove();
}
for (const stage of Object.values(STAGES)) {
  const lines = idle(stage.name);
  console.log(`\nan idle month of the profile ${stage.profile}`);
  printTable(lines.map(({ what, count, cost }) => ({ what, count, usd: cost.toFixed(2) })));
  const total = lines.reduce((sum, { cost }) => sum + cost, 0);
  console.log(
    `${total.toFixed(2)} USD${stage.profile === 'economy' ? ' (first gate 10)' : ''}; a tenant more: 0.00 USD`,
  );
  if (stage.profile === 'economy' && total > 10) process.exitCode = 1;
}

interface Line {
  readonly what: string;
  readonly count: number;
  readonly cost: number;
}

type Requests = Record<string, number>;

function requests(): Requests {
  const rows = platform.query<{ name: string; n: number }>(
    `SELECT service || ':' || action AS name, COUNT(*) AS n FROM journal WHERE outcome = 'ok'
     AND principal NOT LIKE '%data-tasks%' AND principal NOT LIKE '%data-keys%'
     AND principal NOT LIKE 'apigateway%' GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

function difference(before: Requests, after: Requests): Requests {
  return Object.fromEntries(
    Object.entries(after).map(([name, n]) => [name, n - (before[name] ?? 0)]),
  );
}

/** Every state entered, also Choice, Pass, Map and the states of each iteration, and the start. */
function transitions(): number {
  const [row] = platform.query<{ n: number }>(
    `SELECT COUNT(*) AS n FROM states_events WHERE type LIKE '%StateEntered' OR type = 'ExecutionStarted'`,
  );
  return row?.n ?? 0;
}

function price(used: Requests, passed: number): Line[] {
  const sum = (...names: string[]) => names.reduce((all, name) => all + (used[name] ?? 0), 0);
  const line = (what: string, count: number, each: number): Line => ({
    what,
    count,
    cost: count * each,
  });
  // A transaction writes about six items of up to 4 KB, each at twice the units of a plain write.
  const transactUnits = 6 * 2;
  const fargate = 0.25 * PRICES.fargateVcpuSecond + 0.5 * PRICES.fargateGbSecond;
  const invocations = sum('lambda:Invoke');
  return [
    line('Step Functions transitions', passed, PRICES.transition),
    line('Lambda requests', invocations, PRICES.lambdaRequest),
    line('Lambda GB-seconds (0.5 GB, 30 ms each)', invocations, 0.5 * 0.03 * PRICES.lambdaGbSecond),
    line(
      'DynamoDB transactions',
      sum('dynamodb:TransactWriteItems'),
      transactUnits * PRICES.dynamoWriteUnit,
    ),
    line(
      'DynamoDB writes (2 KB)',
      sum('dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'),
      2 * PRICES.dynamoWriteUnit,
    ),
    line(
      'DynamoDB reads (4 KB, consistent)',
      sum('dynamodb:GetItem', 'dynamodb:Query'),
      PRICES.dynamoReadUnit,
    ),
    line(
      'SQS requests',
      sum('sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:DeleteMessageBatch'),
      PRICES.sqsRequest,
    ),
    line('S3 PUT and POST', sum('s3:PutObject', 's3:PostObject'), PRICES.s3Put),
    line('S3 GET', sum('s3:GetObject', 's3:HeadObject'), PRICES.s3Get),
    line('KMS signatures', sum('kms:Sign'), PRICES.kmsSign),
    line('KMS requests', sum('kms:Encrypt', 'kms:Decrypt', 'kms:GetPublicKey'), PRICES.kmsRequest),
    line('EventBridge events of ours', sum('events:PutEvents'), PRICES.event),
    line('API requests', 1, PRICES.apiRequest),
    line('Fargate tasks of a minute', sum('ecs:RunTask'), fargate * PRICES.fargateLeastSeconds),
  ];
}

function idle(stageName: string): Line[] {
  const types = resourceTypes(stageName);
  const count = (type: string) => types.filter(({ Type }) => Type === type).length;
  const line = (what: string, n: number, each: number): Line => ({
    what,
    count: n,
    cost: n * each,
  });
  const interfaces = types.filter(
    ({ Type, Properties }) =>
      Type === 'AWS::EC2::VPCEndpoint' && Properties?.['VpcEndpointType'] === 'Interface',
  ).length;
  const cluster = types.find(({ Type }) => Type === 'AWS::RDS::DBCluster')?.Properties;
  const scaling = cluster?.['ServerlessV2ScalingConfiguration'] as
    { MinCapacity: number } | undefined;
  const acus = (scaling?.MinCapacity ?? 0) * count('AWS::RDS::DBInstance');
  return [
    line('KMS keys', count('AWS::KMS::Key'), PRICES.kmsKeyMonth),
    line('secrets', count('AWS::SecretsManager::Secret'), PRICES.secretMonth),
    line('alarms', count('AWS::CloudWatch::Alarm'), PRICES.alarmMonth),
    line('dashboards', count('AWS::CloudWatch::Dashboard'), PRICES.dashboardMonth),
    line('ACUs that never sleep', acus, PRICES.acuHour * HOURS_A_MONTH),
    line('GB in Aurora', 1, PRICES.auroraGbMonth),
    // Each mapping polls with five long polls of 20 seconds.
    line(
      'polls of idle queues',
      count('AWS::Lambda::EventSourceMapping') * 5 * 3 * 60 * HOURS_A_MONTH,
      PRICES.sqsRequest,
    ),
    line(
      'runs of sweep (0.5 GB, 50 ms)',
      60 * HOURS_A_MONTH,
      PRICES.lambdaRequest + 0.025 * PRICES.lambdaGbSecond,
    ),
    line(
      'interface endpoints in two zones',
      interfaces * 2,
      PRICES.interfaceEndpointHour * HOURS_A_MONTH,
    ),
    line(
      'web ACLs with a rule',
      count('AWS::WAFv2::WebACL'),
      PRICES.webAclMonth + PRICES.webAclRuleMonth,
    ),
  ].filter(({ count: n }) => n > 0);
}

function resourceTypes(
  stageName: string,
): { Type: string; Properties?: Record<string, unknown> }[] {
  const outdir = mkdtempSync(join(tmpdir(), 'mirai-cost-'));
  const stage = Object.values(STAGES).find(({ name }) => name === stageName) ?? STAGES.dev;
  const app = new App({ outdir, analyticsReporting: false });
  composeStage(app, stage);
  app.synth();
  const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
  const all = templates.flatMap((file) =>
    Object.values(
      (
        JSON.parse(readFileSync(join(outdir, file), 'utf8')) as {
          Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
        }
      ).Resources,
    ),
  );
  rmSync(outdir, { recursive: true, force: true });
  return all;
}
