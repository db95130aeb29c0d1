import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Principal } from '#local/kernel/service.ts';
import { appendLog, closeLogs, logPath } from '#local/services/logs/append-log.ts';
import { logsService } from '#local/services/logs/logs.ts';
import { openLogStream } from '#local/services/logs/stream-writer.ts';
import { guardedCloud } from '#tests/support/guarded-cloud.ts';

const GROUP = '/aws/lambda/f';
let folder: string;
let guarded: Awaited<ReturnType<typeof guardedCloud>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
  guarded = await guardedCloud((cloud) => [logsService(cloud)], { stateFolder: folder });
});

afterEach(async () => {
  await guarded.close();
  rmSync(folder, { recursive: true });
});

const lines = () => readFileSync(logPath(guarded.cloud, GROUP), 'utf8').trimEnd().split('\n');

describe('the log of a group', () => {
  it('is a file of the state folder that only its owner reads', () => {
    appendLog(guarded.cloud, GROUP, 's1', 'hello');
    appendLog(guarded.cloud, GROUP, 's2', 'again');

    expect(lines().map((line) => line.replace(/^\S+/, 'time'))).toEqual([
      'time [s1] hello',
      'time [s2] again',
    ]);
    expect(logPath(guarded.cloud, GROUP)).toBe(join(folder, 'logs/aws/lambda/f.log'));
    expect(statSync(logPath(guarded.cloud, GROUP)).mode & 0o777).toBe(0o600);
  });

  it('goes on where it was after it was closed', () => {
    appendLog(guarded.cloud, GROUP, 's', 'one');
    closeLogs(guarded.cloud);
    appendLog(guarded.cloud, GROUP, 's', 'two');

    expect(lines()).toHaveLength(2);
  });

  it('begins anew at 10 MB and keeps the one before', () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 10; i += 1) appendLog(guarded.cloud, GROUP, 's', megabyte);
    appendLog(guarded.cloud, GROUP, 's', 'after');

    expect(lines()).toHaveLength(1);
    expect(existsSync(`${logPath(guarded.cloud, GROUP)}.1`)).toBe(true);
  });

  it.each(['../../etc/x', 'a/../../b', 'a b', ''])('is never at %j', (group) => {
    expect(() => logPath(guarded.cloud, group)).toThrow('Invalid log group name');
  });
});

describe('a stream of a role', () => {
  const deploy = async (...actions: readonly string[]): Promise<Principal> => {
    const provider = guarded.cloud.providers().get('AWS::Logs::LogGroup');
    const made = await provider?.upsert(
      {
        logicalId: 'Log',
        type: 'AWS::Logs::LogGroup',
        properties: { LogGroupName: GROUP, RetentionInDays: 7 },
        defaultName: 's-Log',
        assemblyFolder: '',
        assetPath: () => '',
      },
      guarded.cloud,
    );
    const trust = { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' } as const;
    const roleArn = guarded.role('f', trust, {
      Effect: 'Allow',
      Action: actions,
      Resource: made?.attributes['Arn'] ?? '',
    });
    return { kind: 'role', roleArn, sessionName: 's', tags: {} };
  };

  it('is written with the permissions of the role', async () => {
    const principal = await deploy('logs:CreateLogStream', 'logs:PutLogEvents');
    const writer = openLogStream(guarded.cloud, { group: GROUP, stream: 's', principal });

    writer.write('one');
    writer.write('two');
    await writer.flush();

    expect(lines().map((line) => line.slice(25))).toEqual(['[s] one', '[s] two']);
    guarded.cloud.journal.flush();
    const grants = guarded.cloud.database.all<{ action: string; grants: string }>(
      'SELECT action, grants FROM journal ORDER BY seq',
    );
    expect(grants.map(({ action }) => action)).toEqual(['CreateLogStream', 'PutLogEvents']);
    expect(grants[0]?.grants).toContain('role/f/own#0');
  });

  it('is lost where the role may not write it, which is said once', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const principal = await deploy('logs:CreateLogStream');
    const writer = openLogStream(guarded.cloud, { group: GROUP, stream: 's', principal });

    writer.write('one');
    await writer.flush();
    writer.write('two');
    await writer.flush();

    expect(existsSync(logPath(guarded.cloud, GROUP))).toBe(false);
    expect(said.mock.calls).toHaveLength(1);
    expect(said.mock.calls[0]?.[0]).toContain('logs:PutLogEvents');
    said.mockRestore();
  });

  it('needs a group of the template', async () => {
    const call = guarded.cloud.call({
      service: 'logs',
      action: 'CreateLogStream',
      input: { logGroupName: 'other', logStreamName: 's' },
      principal: { kind: 'root' },
    });

    await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
