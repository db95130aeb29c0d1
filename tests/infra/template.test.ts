import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { composeStage } from '#infra/app.ts';
import { DATA_ROLES } from '#infra/config/data-roles.ts';
import { FUNCTION_NAMES } from '#infra/config/function-names.ts';
import { STAGES } from '#infra/config/stage.ts';
import { ROUTES } from '#shared/api/routes.ts';

type Properties = Record<string, any>;

interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
}
type Template = {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, unknown>;
};

const folder = mkdtempSync(join(tmpdir(), 'mirai-synth-'));
const templates: Record<string, Record<string, Template>> = {};
const nagReports: Record<string, string[]> = {};

/** The findings of a validation report that nobody acknowledged. */
function findingsOf(report: string): string[] {
  const { pluginReports } = JSON.parse(report) as {
    pluginReports: { violations?: { ruleName: string }[] }[];
  };
  return pluginReports.flatMap(({ violations = [] }) => violations.map(({ ruleName }) => ruleName));
}

beforeAll(() => {
  for (const [name, stage] of Object.entries(STAGES)) {
    const outdir = join(folder, name);
    const app = new App({ outdir, analyticsReporting: false });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    composeStage(app, stage);
    app.synth();
    templates[name] = Object.fromEntries(
      readdirSync(outdir)
        .filter((file) => file.endsWith('.template.json'))
        .map((file) => [
          file.replace('.template.json', ''),
          JSON.parse(readFileSync(join(outdir, file), 'utf8')) as Template,
        ]),
    );
    const report = readdirSync(outdir).find((file) => file === 'validation-report.json');
    nagReports[name] = report ? findingsOf(readFileSync(join(outdir, report), 'utf8')) : [];
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const resources = (stage: string, type?: string) =>
  Object.entries(templates[stage] ?? {}).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, resource]) => type === undefined || resource.Type === type)
      .map(([id, resource]) => ({ stack, id, ...resource })),
  );

const statements = (stage: string) =>
  resources(stage)
    .filter(({ Type }) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::Role')
    .flatMap(({ id, Properties }) => {
      const documents = [
        Properties?.['PolicyDocument'],
        ...((Properties?.['Policies'] ?? []) as { PolicyDocument: unknown }[]).map(
          (p) => p.PolicyDocument,
        ),
      ].filter(Boolean) as { Statement: Properties[] }[];
      return documents.flatMap(({ Statement }) =>
        Statement.map((statement) => ({ id, statement })),
      );
    });

const asList = (value: unknown): string[] => (Array.isArray(value) ? value : [value]) as string[];

describe.each(Object.keys(STAGES))('the stage %s', (stage) => {
  it('has no finding of cdk-nag or of CloudFormation’s validation that is not explained', () => {
    expect(nagReports[stage]).toEqual([]);
  });

  it('has fewer than 400 resources a stack', () => {
    for (const [stack, { Resources }] of Object.entries(templates[stage] ?? {})) {
      expect([stack, Object.keys(Resources).length < 400]).toEqual([stack, true]);
    }
  });

  it('has no Lambda-backed custom resource', () => {
    const custom = resources(stage).filter(
      ({ Type }) => Type.startsWith('Custom::') || Type === 'AWS::CloudFormation::CustomResource',
    );
    expect(custom.map(({ id }) => id)).toEqual([]);
  });

  it('grants no action by a wildcard', () => {
    const wild = statements(stage).flatMap(({ id, statement }) =>
      asList(statement['Action'])
        .filter((action) => action.includes('*'))
        .map((action) => `${id}: ${action}`),
    );
    expect(wild).toEqual([]);
  });

  it('gives no function’s own role access to the table or a bucket, but for the index that sweep reads', () => {
    const touching = statements(stage)
      .filter(({ id }) => !id.startsWith('DataRole'))
      .filter(({ statement }) =>
        asList(statement['Action']).some((action) => /^(dynamodb|s3):/.test(action)),
      );
    expect(touching.map(({ statement }) => [statement['Sid'], statement['Action']])).toEqual([
      ['ReadDue', 'dynamodb:Query'],
    ]);
  });

  it('keeps state apart from what runs', () => {
    const stateful = [
      'AWS::DynamoDB::Table',
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
      'AWS::RDS::DBCluster',
    ];
    const stacks = new Set(
      resources(stage)
        .filter(({ Type }) => stateful.includes(Type))
        .map(({ stack }) => stack.split('-').at(-1)),
    );
    expect([...stacks]).toEqual(['data']);
  });

  it('runs sandboxes without a task role, on a read-only root, with capabilities dropped by name', () => {
    const [task] = resources(stage, 'AWS::ECS::TaskDefinition');
    const container = task?.Properties?.['ContainerDefinitions'][0];
    expect(task?.Properties?.['TaskRoleArn']).toBeUndefined();
    expect(container['ReadonlyRootFilesystem']).toBe(true);
    expect(container['Environment']).toBeUndefined();
    expect(container['Secrets']).toBeUndefined();
    expect(container['LinuxParameters']['Capabilities']['Drop']).not.toContain('SETUID');
    expect(container['Command'].slice(0, 3)).toEqual(['node', 'main.cjs', '--box']);
  });

  it('lets nothing into a sandbox', () => {
    for (const { Properties } of resources(stage, 'AWS::EC2::SecurityGroup')) {
      const open = ((Properties?.['SecurityGroupIngress'] ?? []) as { CidrIp?: string }[]).filter(
        ({ CidrIp }) => CidrIp === '0.0.0.0/0',
      );
      expect(open).toEqual([]);
    }
  });
});

describe('the template', () => {
  it('makes every function once, with a version and an alias', () => {
    const names = resources('dev', 'AWS::Lambda::Function').map(({ Properties }) =>
      String(Properties?.['FunctionName']).replace('mirai-dev-', ''),
    );
    expect(names.sort()).toEqual([...FUNCTION_NAMES].sort());
    expect(resources('dev', 'AWS::Lambda::Version')).toHaveLength(FUNCTION_NAMES.length);
    expect(resources('dev', 'AWS::Lambda::Alias')).toHaveLength(FUNCTION_NAMES.length);
  });

  it('serves exactly the routes of the table, each behind the authorizer', () => {
    const [api] = resources('dev', 'AWS::ApiGateway::RestApi');
    const paths = api?.Properties?.['Body']['paths'] as Record<string, Properties>;
    const served = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => {
        expect(security).toEqual([{ key: [] }]);
        return `${method.toUpperCase()} ${path}`;
      }),
    );
    expect(served.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('binds every statement of a data role to the tenant’s tag', () => {
    const bound = statements('dev').filter(({ id }) => id.startsWith('DataRole'));
    expect(bound.length).toBeGreaterThan(Object.keys(DATA_ROLES).length);
    for (const { statement } of bound) {
      expect(JSON.stringify(statement)).toContain('${aws:PrincipalTag/tenant}');
    }
  });

  it('lets only the judge sign permits, and the model’s function nothing that acts', () => {
    const holders = (action: string) =>
      statements('dev')
        .filter(({ statement }) => asList(statement['Action']).includes(action))
        .map(({ id }) => id.replace(/Role.*/, ''));
    expect(holders('kms:Sign')).toEqual(['judgeactions']);
    const model = statements('dev').filter(({ id }) => id.startsWith('chooseactions'));
    expect(model.flatMap(({ statement }) => asList(statement['Action'])).sort()).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:GetSecretValue',
      'sts:AssumeRole',
      'sts:TagSession',
    ]);
  });

  it('names a section of the runbook in every alarm', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    for (const { Properties } of resources('dev', 'AWS::CloudWatch::Alarm')) {
      const anchor = String(Properties?.['AlarmDescription']).split('#')[1];
      expect(runbook).toContain(`\n## ${anchor}\n`);
    }
  });
});
