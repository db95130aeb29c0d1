import { describe, expect, test } from '@jest/globals';
import { isWorkspacePath, Job, JobLimits, MailboxDocument } from '#containers/sandbox/contract.ts';

const JOB = {
  schema: 1,
  kind: 'job',
  job_id: 'job_1',
  language: 'python',
  code: 'pass',
  post: { url: 'https://bucket.example/', fields: { policy: 'p' } },
  prefix: 't/run/lease/1/',
};

const problems = (change: object) => {
  const answer = MailboxDocument.safeParse({ ...JOB, ...change });
  return answer.success ? [] : answer.error.issues.map(({ path }) => path.join('.'));
};

describe('a mailbox document', () => {
  test('is a job with the limits that it does not name', () => {
    const limits = { seconds: 30, memory_mb: 256, pids: 64, output_bytes: 1048576 };
    expect(MailboxDocument.parse(JOB)).toMatchObject({
      args: [],
      stdin: '',
      files: [],
      limits: { ...limits, workspace_bytes: 67108864 },
      collect: 'all',
    });
  });

  test('is the order to leave', () => {
    expect(MailboxDocument.parse({ schema: 1, kind: 'leave' })).toEqual({
      schema: 1,
      kind: 'leave',
    });
  });

  test.each([
    [{ language: 'perl' }, 'language'],
    [{ schema: 2 }, 'schema'],
    [{ prefix: 'no/slash' }, 'prefix'],
    [{ job_id: '../x' }, 'job_id'],
    [{ limits: { seconds: 601 } }, 'limits.seconds'],
    [{ limits: { seconds: 0 } }, 'limits.seconds'],
    [{ limits: { memory_mb: 1 } }, 'limits.memory_mb'],
    [{ collect: ['../x'] }, 'collect.0'],
    [{ collect: 'some' }, 'collect'],
    [{ cancel_url: 'file:///etc/passwd' }, 'cancel_url'],
    [{ next_url: 'not a url' }, 'next_url'],
    [{ leave_after_seconds: 2701 }, 'leave_after_seconds'],
    [
      { files: [{ path: '/etc/x', url: 'https://x.example/', sha256: 'a'.repeat(64) }] },
      'files.0.path',
    ],
    [{ files: [{ path: 'x', url: 'https://x.example/', sha256: 'A' }] }, 'files.0.sha256'],
    [{ unknown: 1 }, ''],
  ])('is refused for %j', (change, path) => {
    expect(problems(change)).toEqual([path]);
  });

  test('takes the least and the most of each limit', () => {
    const least = {
      seconds: 1,
      memory_mb: 32,
      pids: 4,
      output_bytes: 1024,
      workspace_bytes: 1048576,
    };
    expect(JobLimits.parse(least)).toEqual(least);
    expect(JobLimits.parse({ seconds: 600 }).seconds).toBe(600);
    expect(Job.shape.limits).toBeDefined();
  });
});

test.each([
  ['a', true],
  ['a/b.txt', true],
  ['ä b', true],
  ['.hidden', true],
  ['...', true],
  ['', false],
  ['/a', false],
  ['a/', false],
  ['a//b', false],
  ['./a', false],
  ['a/..', false],
  ['a\0b', false],
  ['a\nb', false],
  ['a\\b', false],
  ['é'.repeat(257), false],
])('the path %j is one inside the workspace: %s', (path, isOne) => {
  expect(isWorkspacePath(path)).toBe(isOne);
});
