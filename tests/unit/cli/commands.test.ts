import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aTaskView } from '#tests/support/api-views.ts';
import { fakeApi, type FakeAnswer, type SeenRequest } from '#tests/support/fake-api.ts';
import { typeCommand } from '#tests/support/fake-terminal.ts';

let api: Awaited<ReturnType<typeof fakeApi>>;
let answer: (request: SeenRequest, nth: number) => FakeAnswer | undefined;
let folder: string;

beforeEach(async () => {
  api = await fakeApi((request, nth) => answer(request, nth));
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  answer = () => undefined;
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const mirai = (...args: string[]) => typeCommand(args, { MIRAI_URL: api.url, MIRAI_API_KEY: 'k' });
const always = (body: unknown) => () => ({ body });

describe('the command line', () => {
  it('shows every command without words', async () => {
    const { code, out } = await mirai();
    expect(code).toBe(0);
    for (const name of ['task submit', 'approvals', 'deny ID'])
      expect(out).toContain(`mirai ${name}`);
  });

  it.each([
    [['task', 'sumbit', 'x'], 'task submit'],
    [['aprove', 'x'], 'approve'],
    [['run', 'shaw'], 'run show'],
    [['task'], 'task'],
  ])('refuses %j and names the nearest', async (args, close) => {
    const { code, err } = await mirai(...args);
    expect(code).toBe(2);
    expect(err).toContain(`Did you mean: mirai ${close}`);
  });

  it.each([
    [['task', 'list', '--colour'], /Unknown option '--colour'/],
    [['task', 'list', 'everything'], /takes no “everything”/],
    [['task', 'show'], /exactly one task id/],
    [['task', 'submit'], /in words, or name a workflow/],
    [['task', 'submit', 'x', '--usd', 'much'], /--usd needs a number, not “much”/],
    [['task', 'submit', 'x', '--file', '/nowhere/at/all'], /no file \/nowhere\/at\/all/],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await mirai(...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('has help for each command', async () => {
    const { code, out } = await mirai('task', 'submit', '--help');
    expect(code).toBe(0);
    expect(out).toContain('--approval-timeout S');
  });
});

describe('submitting', () => {
  it('sends words, files and limits, with a fresh Idempotency-Key', async () => {
    answer = always(aTaskView());
    writeFileSync(join(folder, 'a.txt'), '\uFEFFgrüß');
    writeFileSync(join(folder, 'b.bin'), Buffer.from([0xff, 0]));
    const { code, out } = await mirai(
      ...[
        'task',
        'submit',
        'Do',
        'it',
        '--file',
        join(folder, 'a.txt'),
        '--file',
        join(folder, 'b.bin'),
      ],
      ...['--usd', '0.5', '--priority', 'high', '--approval-timeout', '60'],
    );
    expect(code).toBe(0);
    expect(out).toContain('mirai task watch task_');
    expect(api.requests).toHaveLength(1);
    expect(api.requests[0]).toMatchObject({ method: 'POST', path: '/v1/tasks', key: 'Bearer k' });
    expect(api.requests[0]?.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
    expect(api.requests[0]?.body).toEqual({
      task: 'Do it',
      files: [
        { name: 'a.txt', content: '\uFEFFgrüß' },
        { name: 'b.bin', content_base64: '/wA=' },
      ],
      limits: { usd: 0.5 },
      priority: 'high',
      approval_timeout_seconds: 60,
    });
  });

  it('reads a workflow from YAML', async () => {
    answer = always(aTaskView());
    const path = join(folder, 'w.yaml');
    writeFileSync(path, 'steps:\n  - tool: list_artifacts\n');
    await mirai('task', 'submit', '--workflow', path, '--idempotency-key', 'mine');
    expect(api.requests[0]?.idempotencyKey).toBe('mine');
    expect(api.requests[0]?.body).toMatchObject({
      workflow: { steps: [{ tool: 'list_artifacts' }] },
    });
  });

  it('tries a broken connection again with the same key', async () => {
    answer = (_request, nth) => ({ body: aTaskView(), breaks: nth === 0 });
    expect((await mirai('task', 'submit', 'x')).code).toBe(0);
    expect(new Set(api.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(api.requests).toHaveLength(2);
  });

  it('prints exactly one document with --json', async () => {
    answer = always(aTaskView());
    const { documents, out } = await mirai('task', 'submit', 'x', '--json');
    expect(documents).toEqual([aTaskView()]);
    expect(out.split('\n')).toHaveLength(1);
  });
});

describe('an answer that says no', () => {
  const problem = (code: string) => ({
    status: 422,
    body: {
      type: `urn:mirai:error:${code}`,
      title: code,
      status: 422,
      code,
      detail: 'That will not do.',
      advice: 'Do otherwise.',
      trace_id: 'run-7',
      errors: [{ pointer: '/task', message: 'is too long' }],
    },
  });

  it('is told with code, advice, trace and fields', async () => {
    answer = () => problem('request.invalid');
    const { code, err } = await mirai('task', 'submit', 'x');
    expect(code).toBe(1);
    expect(err).toBe(
      'request.invalid: That will not do. — Do otherwise. (trace run-7)\n  /task: is too long',
    );
  });

  it('is the one document with --json', async () => {
    answer = () => problem('request.invalid');
    const { documents } = await mirai('task', 'submit', 'x', '--json');
    expect(documents).toMatchObject([{ code: 'request.invalid' }]);
  });

  it('of another shape is still told', async () => {
    answer = () => ({ status: 403, body: { message: 'Forbidden' } });
    const { code, err } = await mirai('task', 'list');
    expect(code).toBe(1);
    expect(err).toContain('The platform answered 403: Forbidden.');
  });

  it('is told when a success is not as agreed', async () => {
    answer = always({ items: 'many' });
    const { code, err } = await mirai('task', 'list');
    expect(code).toBe(1);
    expect(err).toContain('The answer to GET /v1/tasks?limit=20 is not as agreed: items');
  });
});

describe('a platform that is not there', () => {
  it('is named with the command that starts it', async () => {
    const { code, err } = await typeCommand(['task', 'list', '--state', folder]);
    expect([code, err]).toEqual([1, 'the platform is not running: mirai up']);
  });

  it('is waited for, as it may be on its way', async () => {
    const url = api.url;
    await api.close();
    const typed = typeCommand(['task', 'list'], { MIRAI_URL: url, MIRAI_API_KEY: 'k' });
    const { code, err } = await typed;
    expect([code, err]).toEqual([1, 'the platform is not running: mirai up']);
    api = await fakeApi(() => undefined);
  }, 10_000);
});

describe('keys', () => {
  const keys = (names: readonly string[]) => {
    mkdirSync(join(folder, 'keys'));
    writeFileSync(
      join(folder, 'addresses.json'),
      JSON.stringify({ api: api.url, endpoint: api.url }),
    );
    for (const name of names) {
      const [tenant, role] = name.split('-');
      writeFileSync(
        join(folder, 'keys', `${name}.json`),
        JSON.stringify({ tenant, role, api_key: `key-${name}` }),
      );
    }
  };
  const used = async (...args: string[]) => {
    answer = always({ items: [], next: null });
    const { code, err } = await typeCommand([...args, '--state', folder]);
    return code === 0 ? api.requests[0]?.key : err;
  };

  it('are the first tenant’s owner’s for tasks, and its approver’s for approvals', async () => {
    keys(['acme-owner', 'acme-approver', 'globex-owner']);
    expect(await used('task', 'list')).toBe('Bearer key-acme-owner');
    api.requests.length = 0;
    expect(await used('approvals')).toBe('Bearer key-acme-approver');
  });

  it('are chosen by tenant and role', async () => {
    keys(['acme-owner', 'globex-approver']);
    expect(await used('task', 'list', '--tenant', 'globex', '--as', 'approver')).toBe(
      'Bearer key-globex-approver',
    );
  });

  it('are named when the one that is meant is not there', async () => {
    keys(['acme-owner']);
    expect(await used('task', 'list', '--tenant', 'initech')).toBe(
      'There is no key of initech’s owner. There are: --tenant acme --as owner.',
    );
  });
});
