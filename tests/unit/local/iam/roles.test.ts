import { describe, expect, it } from '@jest/globals';
import { Judge } from '#local/iam/judge.ts';
import { PolicyBook } from '#local/iam/policy-book.ts';
import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import type { IamRequest, ResourceResult } from '#local/kernel/service.ts';
import { iamService } from '#local/services/iam/iam.ts';
import { policy } from '#tests/support/guarded-cloud.ts';

const TRUST = policy({
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
});
const SEND = policy({ Sid: 'Send', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' });
const send: IamRequest = { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:0:q' };

function template() {
  const book = new PolicyBook();
  const judge = new Judge(book);
  const cloud = new Cloud({
    database: new Database(':memory:'),
    authorizer: judge,
    stateFolder: '.',
  });
  cloud.register(iamService(book));
  const provider = (type: string) => {
    const found = cloud.providers().get(type);
    if (!found) throw new Error(`no provider of ${type}`);
    return found;
  };
  return {
    book,
    make: (type: string, logicalId: string, properties: object): ResourceResult =>
      provider(type).upsert(
        {
          logicalId,
          type,
          properties: properties as Record<string, unknown>,
          defaultName: `stack-${logicalId}`,
          assemblyFolder: '',
          assetPath: () => '',
        },
        cloud,
      ) as ResourceResult,
    remove: (type: string, ref: string) => provider(type).remove?.(ref, cloud),
    judged: (role: ResourceResult) =>
      judge.check(
        { kind: 'role', roleArn: role.attributes['Arn'] ?? '', sessionName: 's', tags: {} },
        send,
        cloud,
      ),
  };
}

describe('a role of the template', () => {
  it('has an ARN with its path and an id that stays', () => {
    const properties = { AssumeRolePolicyDocument: TRUST, RoleName: 'worker', Path: '/mirai/' };
    const [first, second] = [1, 2].map(() =>
      template().make('AWS::IAM::Role', 'Worker', properties),
    );

    expect(first).toEqual(second);
    expect(first).toMatchObject({
      ref: 'worker',
      attributes: { Arn: 'arn:aws:iam::000000000000:role/mirai/worker' },
    });
    expect(first?.attributes['RoleId']).toMatch(/^AROA[A-Z0-9]{16}$/);
  });

  it('gets a name of at most 64 characters that differs for another resource', () => {
    const { make } = template();
    const names = ['A', 'B'].map(
      (end) =>
        make('AWS::IAM::Role', 'x'.repeat(70) + end, { AssumeRolePolicyDocument: TRUST }).ref,
    );

    expect(names.map((name) => name.length)).toEqual([64, 64]);
    expect(names[0]).not.toBe(names[1]);
  });

  it('may do what its inline, attached, managed and AWS-managed policies say, each by name', () => {
    const { make, judged, book } = template();
    const AssumeRolePolicyDocument = TRUST;
    const managed = make('AWS::IAM::ManagedPolicy', 'M', { PolicyDocument: SEND });
    const roles = {
      own: make('AWS::IAM::Role', 'Own', {
        AssumeRolePolicyDocument,
        Policies: [{ PolicyName: 'inline', PolicyDocument: SEND }],
      }),
      attached: make('AWS::IAM::Role', 'Attached', { AssumeRolePolicyDocument }),
      managed: make('AWS::IAM::Role', 'Managed', {
        AssumeRolePolicyDocument,
        ManagedPolicyArns: [managed.ref],
      }),
      aws: make('AWS::IAM::Role', 'Aws', {
        AssumeRolePolicyDocument,
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
      }),
    };
    make('AWS::IAM::Policy', 'P', {
      PolicyName: 'extra',
      PolicyDocument: SEND,
      Roles: [roles.attached.ref],
    });

    expect(judged(roles.own)).toBe('arn:aws:iam::000000000000:role/stack-Own/inline#Send');
    expect(judged(roles.attached)).toBe('arn:aws:iam::000000000000:role/stack-Attached/extra#Send');
    expect(judged(roles.managed)).toBe('arn:aws:iam::000000000000:role/stack-Managed/stack-M#Send');
    expect(() => judged(roles.aws)).toThrow('missing statement');
    expect(book.grants().map(({ fullId }) => fullId)).toContain(
      'arn:aws:iam::000000000000:role/stack-Aws/AWSLambdaBasicExecutionRole#0',
    );
  });

  it('loses what a reload takes away', () => {
    const { make, judged, remove } = template();
    const role = make('AWS::IAM::Role', 'R', { AssumeRolePolicyDocument: TRUST });
    const attached = make('AWS::IAM::Policy', 'P', { PolicyDocument: SEND, Roles: [role.ref] });
    expect(judged(role)).toContain('#Send');

    void remove('AWS::IAM::Policy', attached.ref);
    expect(() => judged(role)).toThrow('missing statement');

    make('AWS::IAM::Policy', 'P', { PolicyDocument: SEND, Roles: [role.ref] });
    void remove('AWS::IAM::Role', role.ref);
    expect(() => judged(role)).toThrow('missing statement');
  });

  it.each<[object, string]>([
    [{ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }, 'AdministratorAccess'],
    [{ PermissionsBoundary: 'arn:aws:iam::000000000000:policy/x' }, 'PermissionsBoundary'],
    [{ AssumeRolePolicyDocument: SEND }, 'must have a principal'],
  ])('is refused by name with %j', (properties, why) => {
    const { make } = template();

    expect(() =>
      make('AWS::IAM::Role', 'R', { AssumeRolePolicyDocument: TRUST, ...properties }),
    ).toThrow(why);
  });
});
