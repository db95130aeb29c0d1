import { describe, expect, it } from '@jest/globals';
import { Judge } from '#local/iam/judge.ts';
import { PolicyBook } from '#local/iam/policy-book.ts';
import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import type { IamRequest, PolicyStatement, Principal } from '#local/kernel/service.ts';
import { court, KEY, QUEUE, ROLE, TABLE, tagged, worker } from '#tests/support/court.ts';
import { policy } from '#tests/support/guarded-cloud.ts';

const ROOT_ARN = 'arn:aws:iam::000000000000:root';
const database = new Database(':memory:');

const put = (resource = TABLE, conditions: IamRequest['conditions'] = {}): IamRequest => ({
  action: 'dynamodb:PutItem',
  resource,
  conditions,
});
const send: IamRequest = { action: 'sqs:SendMessage', resource: QUEUE };

describe('a role', () => {
  it('is allowed what a statement of its own allows, and the answer names the statement', () => {
    const { check } = court([
      { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE },
      { Sid: 'Write', Effect: 'Allow', Action: ['dynamodb:put*'], Resource: TABLE },
    ]);

    expect(check(worker, put())).toBe(`${ROLE}/own#Write`);
    expect(check(worker, { action: 'dynamodb:GetItem', resource: TABLE })).toBe(`${ROLE}/own#0`);
  });

  it('is denied what nothing allows, and the denial says what is missing', () => {
    const { check } = court([]);

    expect(() => check(worker, put())).toThrow(
      'User: arn:aws:sts::000000000000:assumed-role/worker/s1 is not authorized to perform: ' +
        `dynamodb:PutItem on resource: ${TABLE} because no identity-based policy allows the ` +
        'dynamodb:PutItem action (missing statement: ' +
        `{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"${TABLE}"})`,
    );
  });

  it('learns which statement would allow it but for its condition or its resource', () => {
    const { check } = court([
      {
        Sid: 'OwnTenant',
        Effect: 'Allow',
        Action: 'dynamodb:PutItem',
        Resource: TABLE,
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${aws:PrincipalTag/tenant}'] },
        },
      },
      { Sid: 'Other', Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: `${TABLE}2` },
    ]);
    const request = put(TABLE, { 'dynamodb:LeadingKeys': ['b'] });

    expect(() => check(tagged('a'), request)).toThrow(
      `${ROLE}/own#OwnTenant would allow it but for its condition {"ForAllValues:StringEquals"`,
    );
    expect(() => check(tagged('a'), request)).toThrow(
      `${ROLE}/own#Other allows it on "${TABLE}2" only`,
    );
    expect(check(tagged('b'), request)).toBe(`${ROLE}/own#OwnTenant`);
  });

  it('is held by an explicit deny, which the denial names', () => {
    const { check } = court([
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Sid: 'Never', Effect: 'Deny', Action: 'dynamodb:*', Resource: '*' },
    ]);

    expect(() => check(worker, put())).toThrow(
      `with an explicit deny in an identity-based policy (statement: ${ROLE}/own#Never)`,
    );
    expect(check(worker, send)).toBe(`${ROLE}/own#0`);
  });

  it('keeps one tenant from the prefix of another', () => {
    const { allows } = court([
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::artifacts/${aws:PrincipalTag/tenant}/*',
      },
    ]);
    const get = { action: 's3:GetObject', resource: 'arn:aws:s3:::artifacts/a/x.txt' };

    expect(allows(tagged('a'), get)).toBe(true);
    expect(allows(tagged('b'), get)).toBe(false);
    expect(allows(tagged('*'), get)).toBe(false);
    expect(allows(worker, get)).toBe(false);
  });

  it('carries tags of its own, which session tags replace', () => {
    const { allows } = court([
      {
        Effect: 'Allow',
        Action: 'sqs:*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalTag/team': 'core' } },
      },
    ]);

    expect(allows(worker, send)).toBe(true);
    expect(allows({ ...worker, tags: { team: 'other' } } as Principal, send)).toBe(false);
  });

  it('is allowed by a resource policy that names it, and by one that names the account only with its own', () => {
    const named: PolicyStatement = {
      Effect: 'Allow',
      Principal: { AWS: ROLE },
      Action: 'sqs:SendMessage',
      Resource: QUEUE,
    };
    const account: PolicyStatement = { ...named, Principal: { AWS: ROOT_ARN } };
    const own: PolicyStatement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE };

    expect(court([], { [QUEUE]: [named] }).check(worker, send)).toBe(`${QUEUE}/policy#0`);
    expect(court([], { [QUEUE]: [account] }).allows(worker, send)).toBe(false);
    expect(court([own], { [QUEUE]: [account] }).check(worker, send)).toBe(`${ROLE}/own#0`);
    expect(
      court([own], { [QUEUE]: [{ ...named, Effect: 'Deny', Principal: '*' }] }).allows(
        worker,
        send,
      ),
    ).toBe(false);
  });

  it('needs the key policy as well as its own for a key', () => {
    const own: PolicyStatement = { Effect: 'Allow', Action: 'kms:Sign', Resource: KEY };
    const root: PolicyStatement = {
      Effect: 'Allow',
      Principal: { AWS: ROOT_ARN },
      Action: 'kms:*',
      Resource: '*',
    };
    const sign = { action: 'kms:Sign', resource: KEY };

    expect(court([own]).allows(worker, sign)).toBe(false);
    expect(() => court([own]).check(worker, sign)).toThrow('no resource-based policy allows');
    expect(court([], { [KEY]: [root] }).allows(worker, sign)).toBe(false);
    expect(court([own], { [KEY]: [root] }).check(worker, sign)).toBe(`${ROLE}/own#0`);
    expect(court([], { [KEY]: [{ ...root, Principal: { AWS: ROLE } }] }).check(worker, sign)).toBe(
      `${KEY}/policy#0`,
    );
  });

  it('assumes a role only when its trust policy agrees, tags judged apart', () => {
    const trust: PolicyStatement = {
      Sid: 'Tenants',
      Effect: 'Allow',
      Principal: { AWS: ROLE },
      Action: 'sts:AssumeRole',
      Condition: { StringLike: { 'aws:RequestTag/tenant': 'ten_*' } },
    };
    const { check, allows } = court([{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }], {
      [ROLE]: [trust],
    });
    const request = (action: string, tenant: string) => ({
      action,
      resource: ROLE,
      conditions: { 'aws:RequestTag/tenant': tenant },
    });

    expect(check(worker, request('sts:AssumeRole', 'ten_1'))).toBe(`${ROLE}/own#0`);
    expect(allows(worker, request('sts:AssumeRole', 'other'))).toBe(false);
    expect(allows(worker, request('sts:TagSession', 'ten_1'))).toBe(false);
  });

  it('that is gone may do nothing of its own', () => {
    const { book, allows } = court([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
    book.removeRole(ROLE);

    expect(allows(worker, send)).toBe(false);
  });
});

describe('a service', () => {
  const rule = 'arn:aws:events:us-east-1:000000000000:rule/r';
  const events = (sourceArn?: string): Principal => ({
    kind: 'service',
    service: 'events.amazonaws.com',
    ...(sourceArn === undefined ? {} : { sourceArn }),
  });
  const fromRule: PolicyStatement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: QUEUE,
    Condition: {
      ArnEquals: { 'aws:SourceArn': rule },
      StringEquals: { 'aws:SourceAccount': '000000000000' },
    },
  };

  it('needs a resource policy that names it and its source', () => {
    const { allows, check } = court([], { [QUEUE]: [fromRule] });

    expect(check(events(rule), send)).toBe(`${QUEUE}/policy#0`);
    expect(allows(events(`${rule}2`), send)).toBe(false);
    expect(allows(events(), send)).toBe(false);
    expect(allows({ ...events(rule), service: 's3.amazonaws.com' } as Principal, send)).toBe(false);
    expect(() => court([]).check(events(rule), send)).toThrow(
      '"Principal":{"Service":"events.amazonaws.com"}',
    );
  });

  it('has as source account the bucket owner when its source is a bucket', () => {
    const statement = {
      ...fromRule,
      Principal: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
    };

    expect(court([], { [QUEUE]: [statement] }).allows(events('arn:aws:s3:::bucket'), send)).toBe(
      true,
    );
  });
});

describe('root', () => {
  it('may do what nothing denies', () => {
    const deny: PolicyStatement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:SendMessage',
      Resource: QUEUE,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };

    expect(court([]).check({ kind: 'root' }, send)).toBe('root');
    expect(court([], { [QUEUE]: [deny] }).allows({ kind: 'root' }, send)).toBe(true);
    expect(
      court([], { [QUEUE]: [{ ...deny, Condition: {} }] }).allows({ kind: 'root' }, send),
    ).toBe(false);
  });
});

describe('a policy', () => {
  it.each<[string, PolicyStatement]>([
    [
      'has NotPrincipal',
      { Effect: 'Allow', Action: '*', Resource: '*', NotPrincipal: '*' } as never,
    ],
    ['must not have a principal', { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
    ['either Action or NotAction', { Effect: 'Allow', Resource: '*' }],
    ['either Resource or NotResource', { Effect: 'Allow', Action: '*' }],
    ['no ARN and not *', { Effect: 'Allow', Action: '*', Resource: 'table' }],
    ['not of the form service:Action', { Effect: 'Allow', Action: 'PutItem', Resource: '*' }],
    ['effect', { Effect: 'Maybe', Action: '*', Resource: '*' } as never],
  ])('is refused when it %s', (why, statement) => {
    expect(() => court([statement])).toThrow(why);
  });

  it('is refused when two statements have one id or a variable stands in an old version', () => {
    const one: PolicyStatement = { Sid: 'A', Effect: 'Allow', Action: '*', Resource: '*' };

    expect(() => court([one, one])).toThrow('not unique');
    expect(() =>
      new PolicyBook().putPolicy('p', {
        name: 'p',
        roleNames: [],
        document: {
          Version: '2008-10-17',
          Statement: [{ ...one, Resource: 'arn:aws:s3:::b/${aws:PrincipalTag/tenant}/*' }],
        },
      }),
    ).toThrow('2012-10-17');
  });

  it('of its own stands on the roles that it names and on those that name it', () => {
    const { book, check } = court([]);
    book.putPolicy('Extra', {
      name: 'extra',
      document: policy({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE }),
      roleNames: ['worker'],
    });

    expect(check(worker, send)).toBe(`${ROLE}/extra#0`);
    expect(book.grants().map(({ fullId }) => fullId)).toEqual([`${ROLE}/extra#0`]);

    book.removePolicy('Extra');
    expect(() => check(worker, send)).toThrow('missing statement');
  });

  it('can be judged without one of its statements', () => {
    const { book } = court([
      { Sid: 'Send', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE },
    ]);
    const judge = new Judge(book.without(`${ROLE}/own#Send`));
    const cloud = new Cloud({ database, authorizer: judge, stateFolder: '.' });

    expect(() => judge.check(worker, send, cloud)).toThrow('sqs:SendMessage');
  });
});
