import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { checkModel, checkPlatform } from '#clients/cli/doctor/check-platform.ts';
import { checkSystemPackages } from '#clients/cli/doctor/check-sandbox.ts';
import { checkState } from '#clients/cli/doctor/check-state.ts';
import { checkNode, checkPackages } from '#clients/cli/doctor/check-toolchain.ts';
import { keepRecord } from '#clients/cli/operator/platform-record.ts';
import { identify } from '#clients/cli/operator/process-identity.ts';
import { fakeApi } from '#tests/support/fake-api.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  chmodSync(folder, 0o700);
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (path: string, text: string, mode = 0o644) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text, { mode });
};

describe('the doctor', () => {
  it('names a Node that is too old', () => {
    expect(checkNode('24.1.0').standing).toBe('good');
    expect(checkNode('20.20.2')).toMatchObject({
      standing: 'bad',
      repair: 'npm ci --ignore-scripts=false',
    });
  });

  it('names npm packages that are missing or of another version', () => {
    put(
      'package.json',
      JSON.stringify({ dependencies: { one: '1.0.0', two: '2.0.0', three: '3.0.0' } }),
    );
    put('node_modules/one/package.json', JSON.stringify({ version: '1.0.0' }));
    put('node_modules/two/package.json', JSON.stringify({ version: '2.0.1' }));
    expect(checkPackages(folder)).toMatchObject({
      standing: 'bad',
      detail: 'missing or of another version: two, three',
      repair: 'npm ci',
    });
  });

  it('names system packages that are missing, with the command', () => {
    put('bin/python3', '#!/bin/sh\n', 0o755);
    const finding = checkSystemPackages(join(folder, 'bin'));
    expect(finding.detail).toBe('missing: bubblewrap');
    expect(finding.repair).toMatch(/apt-get install -y bubblewrap$/);
    put('bin/bwrap', '#!/bin/sh\n', 0o755);
    expect(checkSystemPackages(join(folder, 'bin')).standing).toBe('good');
  });

  it('names a state folder that others can read, and a damaged database', () => {
    new DatabaseSync(join(folder, 'whole.sqlite')).exec('CREATE TABLE t (a)');
    writeFileSync(join(folder, 'broken.sqlite'), Buffer.alloc(8192, 1));
    expect(checkState(folder).map(({ standing }) => standing)).toEqual(['good', 'bad', 'good']);
    chmodSync(folder, 0o755);
    expect(checkState(folder)[0]).toMatchObject({ standing: 'bad', repair: `chmod 700 ${folder}` });
    expect(checkState(join(folder, 'none'))[0]?.standing).toBe('note');
  });

  it('names a platform that does not answer', async () => {
    expect((await checkPlatform(folder)).detail).toBe('does not run: mirai up');
    const cloud = identify(process.pid) ?? { pid: 0, started: '' };
    keepRecord(folder, {
      cloud,
      model: null,
      endpoint: 'http://127.0.0.1:9',
      model_url: '',
      model_name: '',
    });
    expect(await checkPlatform(folder)).toMatchObject({
      standing: 'bad',
      repair: 'mirai down && mirai up',
    });
  });

  it('names an endpoint that does not offer the model, does not take the key, or is not there', async () => {
    let status = 200;
    const api = await fakeApi(() => ({ status, body: { data: [{ id: 'a' }] } }));
    const endpoint = { url: `${api.url}/v1`, name: 'a', apiKey: 'k' };
    expect((await checkModel(endpoint)).standing).toBe('good');
    expect(api.requests[0]).toMatchObject({ path: '/v1/models', key: 'Bearer k' });
    expect((await checkModel({ ...endpoint, name: 'b' })).detail).toMatch(/does not offer b$/);
    status = 401;
    expect((await checkModel(endpoint)).detail).toMatch(/does not take the key$/);
    await api.close();
    expect((await checkModel(endpoint)).detail).toMatch(/cannot be reached/);
  });
});
