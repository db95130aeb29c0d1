import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { composeStage, makeApp } from '#infra/app.ts';
import type { Stage } from '#infra/config/stage.ts';

type Properties = Record<string, any>;

interface Statement {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}
interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Properties;
}

const folder = mkdtempSync(join(tmpdir(), 'mirai-tables-'));
let resources: Record<string, Resource> = {};

function read(outdir: string): Record<string, Resource> {
  const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
  return Object.fromEntries(
    templates.flatMap((file) => {
      const { Resources } = JSON.parse(readFileSync(join(outdir, file), 'utf8')) as {
        Resources: Record<string, Resource>;
      };
      return Object.entries(Resources).map(([id, resource]) => [`${file}/${id}`, resource]);
    }),
  );
}

beforeAll(() => {
  const outdir = join(folder, 'dev');
  makeApp(outdir, 'dev', false).synth();
  resources = read(outdir);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ofType = (type: string): Resource[] =>
  Object.values(resources).filter(({ Type }) => Type === type);

const actionsOf = ({ Action }: Statement): readonly string[] =>
  typeof Action === 'string' ? [Action] : Action;

/** Every statement of every policy document, wherever in a template it stands. */
function statementsIn(value: unknown): Statement[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'Statement' in value ? (value.Statement as Statement[]) : [];
  return [...own, ...Object.values(value).flatMap(statementsIn)];
}

/** The actions of each function's own role, besides its log group. */
function ownActions(): Record<string, string> {
  return Object.fromEntries(
    ofType('AWS::IAM::Policy')
      .map(({ Properties }): [string, Statement[]] => [
        JSON.stringify(Properties['Roles']).replace(/.*"Ref":"(\w+?)Role[0-9A-F]+".*/, '$1'),
        (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
      ])
      .filter(([, statements]) => statements.some(({ Sid }) => Sid === 'ActForTenant'))
      .map(([name, statements]) => [
        name,
        [...new Set(statements.flatMap(actionsOf))]
          .filter((action) => !/^(logs|sts):/.test(action))
          .sort()
          .join(' '),
      ]),
  );
}

describe('the template, as tables', () => {
  it('gives each function’s own role these actions and no other', () => {
    expect(ownActions()).toEqual({
      accepttask: 'sqs:SendMessage',
      askapproval: 'kms:Encrypt states:SendTaskSuccess',
      authorizerequest: '',
      carryoutaction: 'kms:GetPublicKey lambda:InvokeFunction ses:SendEmail',
      chooseactions: 'secretsmanager:GetSecretValue',
      finishrun: 'ecs:StopTask events:PutEvents sqs:SendMessage',
      finishsandboxjob: 'kms:Decrypt states:SendTaskFailure states:SendTaskSuccess',
      judgeactions: 'kms:Sign',
      provisiontenant: '',
      recordmailevent: '',
      serveapprovals: 'kms:Decrypt states:SendTaskSuccess',
      servetasks: 'ecs:StopTask kms:Decrypt sqs:SendMessage states:SendTaskFailure',
      startrun: 'sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage states:StartExecution',
      startsandboxjob:
        'ecs:RunTask iam:PassRole kms:Encrypt kms:GetPublicKey states:SendTaskSuccess',
      sweep:
        'dynamodb:Query kms:Decrypt lambda:InvokeFunction sqs:SendMessage states:DescribeExecution states:SendTaskSuccess states:StopExecution',
    });
  });

  it('tells each function this much and no more', () => {
    const told = Object.fromEntries(
      ofType('AWS::Lambda::Function').map(({ Properties }) => [
        String(Properties['FunctionName']).replace('mirai-dev-', ''),
        Object.keys(Properties['Environment']['Variables'])
          .filter(
            (name) => !['TABLE_NAME', 'DATA_ROLE_ARN', 'POWERTOOLS_SERVICE_NAME'].includes(name),
          )
          .sort()
          .join(' '),
      ]),
    );
    const queues = 'HIGH_QUEUE_URL MAIN_QUEUE_URL';
    expect(told).toEqual({
      'accept-task': `ARTIFACT_BUCKET ${queues}`,
      'ask-approval': 'TOKEN_KEY_ID',
      'authorize-request': '',
      'carry-out-action':
        'ARTIFACT_BUCKET FETCH_URL_FUNCTION MAIL_CONFIGURATION_SET MAIL_FROM PERMIT_KEY_ID STAGE',
      'choose-actions': 'ARTIFACT_BUCKET MODEL_BASE_URL MODEL_NAME MODEL_SECRET_ARN',
      'fetch-url': 'BLOCKED_HOSTS',
      'finish-run': `DEAD_QUEUE_URL EVENT_BUS_NAME ${queues} SANDBOX_CLUSTER`,
      'finish-sandbox-job': 'ARTIFACT_BUCKET MAILBOX_BUCKET TOKEN_KEY_ID',
      'judge-actions': 'ARTIFACT_BUCKET PERMIT_KEY_ID STAGE',
      'provision-tenant': '',
      'record-mail-event': '',
      'serve-approvals': 'TOKEN_KEY_ID',
      'serve-tasks': `ARTIFACT_BUCKET ${queues} SANDBOX_CLUSTER TOKEN_KEY_ID`,
      'start-run': 'RUN_STATE_MACHINE_ARN',
      'start-sandbox-job':
        'ARTIFACT_BUCKET MAILBOX_BUCKET PERMIT_KEY_ID SANDBOX_CLUSTER SANDBOX_SECURITY_GROUP SANDBOX_SUBNETS SANDBOX_TASK_DEFINITION STAGE TOKEN_KEY_ID',
      sweep: `DEAD_QUEUE_URL FINISH_RUN_FUNCTION ${queues} RUN_STATE_MACHINE_ARN TOKEN_KEY_ID`,
    });
  });

  it('has no wildcard in an action, in no policy of a role, a key, a bucket or a queue', () => {
    const actions = statementsIn(resources).flatMap(actionsOf);
    expect(actions.length).toBeGreaterThan(100);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('guards every statement on keys of the table against a request that names none', () => {
    const onTable = statementsIn(resources).filter(
      (statement) =>
        statement.Sid !== 'ReadDue' &&
        actionsOf(statement).some((action) => action.startsWith('dynamodb:')),
    );
    expect(onTable.length).toBeGreaterThan(20);
    for (const { Condition } of onTable) {
      expect(Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']).toBeDefined();
      expect(Condition?.['Null']).toEqual({ 'dynamodb:LeadingKeys': 'false' });
    }
  });

  it('keeps published versions, which waiting runs still use, and lets their machine call them', () => {
    const versions = [
      ...ofType('AWS::Lambda::Version'),
      ...ofType('AWS::StepFunctions::StateMachineVersion'),
    ];
    expect(versions.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(
      versions.map(() => 'Retain'),
    );
    const [invoke] = statementsIn(resources).filter(({ Sid }) => Sid === 'InvokeStates');
    expect(JSON.stringify(invoke)).toContain('function:mirai-dev-judge-actions:*');
  });

  it('gives the state machine every function that its definition names', () => {
    const [machine] = ofType('AWS::StepFunctions::StateMachine');
    const named = [...String(machine?.Properties['DefinitionString']).matchAll(/\$\{(\w+)\}/g)];
    expect(Object.keys(machine?.Properties['DefinitionSubstitutions']).sort()).toEqual(
      [...new Set(named.map(([, name]) => name))].sort(),
    );
  });

  it('answers only the address ranges of a stage that names some', () => {
    const stage: Stage = {
      name: 'inside',
      profile: 'economy',
      logDays: 7,
      clients: ['10.0.0.0/8'],
    };
    const outdir = join(folder, 'inside');
    const app = new App({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
    });
    composeStage(app, stage);
    app.synth();

    const policy = Object.values(read(outdir)).find(
      ({ Type }) => Type === 'AWS::ApiGateway::RestApi',
    )?.Properties['Policy'];

    expect(statementsIn(policy ? { policy } : {}).map(({ Condition }) => Condition)).toEqual([
      undefined,
      { NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8'] } },
    ]);
    const [api] = ofType('AWS::ApiGateway::RestApi');
    expect(api?.Properties['Policy']).toBeUndefined();
  });
});
