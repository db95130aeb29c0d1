import { expect, test } from '@jest/globals';
import { bubblewrapArguments, INNER_NODE } from '#containers/sandbox/work/bubblewrap-arguments.ts';

const REQUEST = {
  layout: { links: { bin: 'usr/bin' }, folders: ['/lib64'], etc: ['/etc/alternatives'] },
  folder: { etc: '/var/tmp/box/etc', node: '/var/tmp/box/node' },
  limits: { workspace_bytes: 1000 },
  files: [{ path: 'main.py', fd: 5 }],
  seccompFd: 4,
  command: ['/bin/sh', '-c', 'script'],
};

const args = bubblewrapArguments(REQUEST);
const text = ` ${args.join(' ')} `;

/** Where an operation stands, as bubblewrap carries them out in order. */
const at = (operation: string) => {
  const index = text.indexOf(` ${operation} `);
  if (index < 0) throw new Error(`no ${operation}`);
  return index;
};

test('a box has every namespace to itself and may make none', () => {
  for (const name of ['user', 'pid', 'ipc', 'uts', 'cgroup', 'net']) {
    expect(args).toContain(`--unshare-${name}`);
  }
  expect(text).toContain(' --disable-userns ');
});

test('a box dies with its parent, has no capability, no terminal and nobody’s user id', () => {
  for (const part of [
    '--die-with-parent',
    '--new-session',
    '--cap-drop ALL',
    '--uid 65534',
    '--gid 65534',
  ]) {
    expect(text).toContain(` ${part} `);
  }
});

test('no process of bubblewrap itself is in the box, where it would stand outside the filter', () => {
  expect(text).toContain(' --as-pid-1 ');
  expect(text).toContain(' --seccomp 4 -- /bin/sh -c script ');
});

test('nothing of the machine can be written to: each bind is read-only', () => {
  expect(args.filter((part) => /bind/.test(part))).toEqual(
    args.filter((part) => part === '--ro-bind'),
  );
});

test('only the system’s programs, our /etc and our Node are bound', () => {
  const bound = args.flatMap((part, index) =>
    part === '--ro-bind' ? [`${args[index + 1]} ${args[index + 2]}`] : [],
  );
  expect(bound).toEqual([
    '/usr /usr',
    `/var/tmp/box/node ${INNER_NODE}`,
    '/lib64 /lib64',
    '/var/tmp/box/etc /etc',
    '/etc/alternatives /etc/alternatives',
  ]);
});

test('every file system in memory has a size', () => {
  args.forEach((part, index) => {
    if (part === '--tmpfs') expect(args[index - 2]).toBe('--size');
  });
  expect(text).toContain(' --size 1000 --tmpfs /workspace ');
});

test('what is mounted over /usr/local, /dev and the root is closed after it has been filled', () => {
  expect(at('--remount-ro /usr/local')).toBeGreaterThan(at(INNER_NODE));
  expect(at('--remount-ro /dev')).toBeGreaterThan(at('--tmpfs /dev/shm'));
  expect(at('--remount-ro /')).toBeGreaterThan(at('--file 5 /workspace/main.py'));
});

test('the environment begins empty and holds three names', () => {
  const names = args.flatMap((part, index) => (part === '--setenv' ? [args[index + 1]] : []));
  expect(names).toEqual(['PATH', 'HOME', 'LANG']);
  expect(at('--clearenv')).toBeLessThan(at('--setenv PATH'));
});
