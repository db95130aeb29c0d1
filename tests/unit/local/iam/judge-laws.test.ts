import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IamRequest, PolicyStatement } from '#local/kernel/service.ts';
import { court, QUEUE, TABLE, tagged, worker } from '#tests/support/court.ts';

describe('laws', () => {
  const actions = ['sqs:SendMessage', 'sqs:DeleteMessage', 'dynamodb:PutItem'];
  const resources = [QUEUE, `${QUEUE}-dead`, TABLE];
  const statement: fc.Arbitrary<PolicyStatement> = fc.record({
    Effect: fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Allow', 'Deny'),
    Action: fc.uniqueArray(fc.constantFrom(...actions, 'sqs:*', '*', 'sqs:Send*'), {
      minLength: 1,
    }),
    Resource: fc.uniqueArray(fc.constantFrom(...resources, '*', `${QUEUE}*`), { minLength: 1 }),
  });
  const request = fc.record({
    action: fc.constantFrom(...actions),
    resource: fc.constantFrom(...resources),
  });

  /** IAM's rule in the plainest words. */
  function plainly(statements: readonly PolicyStatement[], asked: IamRequest): boolean {
    const wild = (pattern: string, text: string) =>
      pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text;
    const speaks = (s: PolicyStatement) =>
      (s.Action as string[]).some((a) => wild(a, asked.action)) &&
      (s.Resource as string[]).some((r) => wild(r, asked.resource));
    const spoken = statements.filter(speaks);
    return spoken.some((s) => s.Effect === 'Allow') && spoken.every((s) => s.Effect === 'Allow');
  }

  it('agree with a plain reading of the policy', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 5 }), request, (own, asked) => {
        expect(court(own).allows(worker, asked)).toBe(plainly(own, asked));
      }),
      { numRuns: 300 },
    );
  });

  it('let a deny win wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 5 }), fc.nat(5), request, (own, at, asked) => {
        const deny: PolicyStatement = {
          Effect: 'Deny',
          Action: asked.action,
          Resource: asked.resource,
        };
        expect(court(own.toSpliced(at, 0, deny)).allows(worker, asked)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

it('judges more than 100,000 calls a second', () => {
  const many = Array.from({ length: 20 }, (_, i): PolicyStatement => ({
    Sid: `S${i}`,
    Effect: 'Allow',
    Action: i % 2 ? 'dynamodb:PutItem' : 'dynamodb:Get*',
    Resource: `${TABLE}/index/i${i}`,
  }));
  const { check } = court([
    ...many,
    {
      Effect: 'Allow',
      Action: 'dynamodb:PutItem',
      Resource: TABLE,
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['${aws:PrincipalTag/tenant}#*'] },
      },
    },
  ]);
  const request: IamRequest = {
    action: 'dynamodb:PutItem',
    resource: TABLE,
    conditions: { 'dynamodb:LeadingKeys': ['a#1', 'a#2'] },
  };
  const principal = tagged('a');
  const count = 50_000;
  for (let i = 0; i < count / 5; i += 1) check(principal, request);

  const started = process.cpuUsage();
  for (let i = 0; i < count; i += 1) check(principal, request);
  const { user, system } = process.cpuUsage(started);

  expect(count / ((user + system) / 1e6)).toBeGreaterThan(100_000);
});
