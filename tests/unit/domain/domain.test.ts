import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyChange, fits, openBudget } from '#shared/domain/budget/budget.ts';
import { canonicalJson } from '#shared/domain/canonical/canonical.ts';
import { chain, emptyLog, firstBreak } from '#shared/domain/decision/decision.ts';
import { makeId, RunId } from '#shared/domain/id/id.ts';
import { may, parseApiKey, PERMISSIONS, ROLES } from '#shared/domain/principal/principal.ts';
import { resolveReferences } from '#shared/domain/task/workflow.ts';

describe('ids', () => {
  it('sort by the time that they were made at', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.nat(2 ** 40), (a, b) => {
        const id = (at: number) => makeId('run', at, new Uint8Array(10));
        expect(RunId.safeParse(id(a)).success).toBe(true);
        expect(id(a) < id(b)).toBe(a < b);
      }),
    );
  });
});

describe('the canonical form of JSON', () => {
  it('follows RFC 8785 on its own example', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('the decision log', () => {
  const place = {
    tenant: 'acme',
    task_id: 't',
    run_id: 'r',
    generation: 1,
    turn: 0,
    pass: 0,
    at: '2026-11-21T12:00:00.000Z',
  };

  it('names the first record that was changed, moved, left out or put in', () => {
    const draft = { kind: 'observed' as const, principal: 'system', facts: {} };
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.nat(100),
        fc.constantFrom(0, 1, 2),
        (n, pick, how) => {
          const { records } = chain(
            Array(n).fill(draft),
            place,
            emptyLog('acme', 'r'),
            () => 'dec',
          );
          expect(firstBreak(records, emptyLog('acme', 'r'))).toBeUndefined();
          const at = pick % n;
          const edited = records.map((record, i) =>
            i === at && how === 0 ? { ...record, principal: 'x' } : record,
          );
          if (how === 1 && at < n - 1) edited.splice(at, 1);
          if (how === 2) edited.splice(at, 0, records[at] as never);
          const broken = firstBreak(edited, emptyLog('acme', 'r'));
          expect(broken === undefined).toBe(how === 1 && at === n - 1);
        },
      ),
    );
  });
});

describe('a budget', () => {
  it('is never overdrawn by changes that fit, and always adds up', () => {
    const change = fc.record({ release: fc.nat(500), spend: fc.nat(500), reserve: fc.nat(500) });
    fc.assert(
      fc.property(fc.nat(5000), fc.array(change), (limit, changes) => {
        let budget = openBudget(limit);
        for (const wished of changes) {
          const release = Math.min(wished.release, budget.reserved);
          const next = { ...wished, release, spend: Math.min(wished.spend, release) };
          if (fits(budget, next)) budget = applyChange(budget, next);
          expect(budget.available + budget.reserved + budget.spent).toBe(limit);
          expect(Math.min(budget.available, budget.reserved, budget.spent)).toBeGreaterThanOrEqual(
            0,
          );
        }
      }),
    );
  });
});

describe('permissions', () => {
  it('never let an agent’s key decide an approval', () => {
    for (const role of ROLES)
      expect(may({ principal: 'agent:bot', role }, 'approvals:decide')).toBe(false);
  });

  it('let an owner do everything and a viewer only look', () => {
    expect(PERMISSIONS.every((p) => may({ principal: 'user:o', role: 'owner' }, p))).toBe(true);
    expect(PERMISSIONS.filter((p) => may({ principal: 'user:v', role: 'viewer' }, p))).toEqual([
      'tasks:read',
      'approvals:read',
    ]);
  });

  it('read a key only in its exact form', () => {
    const secret = 'x'.repeat(43);
    const id = makeId('key', 0, new Uint8Array(10)).slice(4);
    expect(parseApiKey(`mk_acme_${id}_${secret}`)).toEqual({
      tenant: 'acme',
      keyId: `key_${id}`,
      secret,
    });
    for (const bad of ['', 'mk_acme', `mk_AC#ME_${id}_${secret}`, `mk_acme_${id}_${secret}x`]) {
      expect(parseApiKey(bad)).toBeUndefined();
    }
  });
});

describe('references of a workflow', () => {
  const outputs = new Map<string, unknown>([['a', { n: 3, list: ['x', 'y'], __proto__: null }]]);

  it('keep the type of a whole value and print a part of a text', () => {
    expect(
      resolveReferences({ whole: '{{steps.a.output.n}}', part: 'n={{steps.a.output.n}}' }, outputs),
    ).toEqual({
      whole: 3,
      part: 'n=3',
    });
    expect(resolveReferences('{{ steps.a.output.list.1 }}', outputs)).toBe('y');
  });

  it('give nothing for what is not there, and never reach a prototype', () => {
    expect(resolveReferences('{{steps.b.output}}', outputs)).toBeNull();
    expect(resolveReferences('{{steps.a.output.constructor}}', outputs)).toBeNull();
  });
});
