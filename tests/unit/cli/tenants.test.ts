import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { haveKeys, provisionTenants } from '#clients/cli/operator/demo-tenants.ts';
import { fakeApi, type FakeAnswer, type SeenRequest } from '#tests/support/fake-api.ts';

interface Asked {
  readonly tenant: string;
  readonly contacts: Readonly<Record<string, string>>;
  readonly keys: readonly { readonly principal: string; readonly role: string }[];
}

let state: string;
let lambda: Awaited<ReturnType<typeof fakeApi>>;
let answer: (asked: Asked) => FakeAnswer;

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'tenants-'));
  lambda = await fakeApi(({ body }: SeenRequest) => answer(body as Asked));
});
afterEach(async () => {
  await lambda.close();
  rmSync(state, { recursive: true });
});

const provision = () =>
  provisionTenants(
    state,
    {
      endpoint: lambda.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' },
    },
    'provision-tenant',
  );
const issue = ({ tenant, keys }: Asked): FakeAnswer => ({
  body: {
    tenant,
    created: true,
    keys: keys.map((key) => ({ ...key, key_id: 'key_1', api_key: `mk_${tenant}_${key.role}` })),
  },
});

describe('the demo’s tenants', () => {
  it('get an owner and an approver each, whose keys only this user may read', async () => {
    answer = issue;
    expect(haveKeys(state)).toBe(false);
    await provision();
    expect(haveKeys(state)).toBe(true);
    expect(lambda.requests.map(({ path }) => path)).toEqual(
      Array(2).fill('/2015-03-31/functions/provision-tenant/invocations'),
    );
    expect(lambda.requests[0]?.body).toMatchObject({
      tenant: 'acme',
      contacts: { finance: 'finance@acme.example' },
      keys: [
        { principal: 'user:olivia', role: 'owner' },
        { principal: 'user:amir', role: 'approver' },
      ],
    });
    const path = join(state, 'keys', 'globex-approver.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      tenant: 'globex',
      role: 'approver',
      api_key: 'mk_globex_approver',
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keep their keys when they are there already', async () => {
    answer = issue;
    await provision();
    answer = ({ tenant }) => ({ body: { tenant, created: false, keys: [] } });
    await provision();
    expect(haveKeys(state)).toBe(true);
  });

  it('cannot be used without their keys, and say how to begin anew', async () => {
    answer = ({ tenant }) => ({ body: { tenant, created: false, keys: [] } });
    await expect(provision()).rejects.toThrow(/key of its owner is not.*mirai down && rm -r/);
  });
});
