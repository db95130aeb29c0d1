import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt, sandboxImage } from '../../scripts/sandbox-image.ts';

const image = await sandboxImage();

/** Why the sandbox's real image cannot be run on this machine, or undefined when it can. */
export const noImage = isBuilt(image)
  ? undefined
  : `${image} is not built; repair: node scripts/sandbox-image.ts`;

/** As on Fargate: the task definition's read-only root and volumes, and the capabilities it leaves. */
const TASK = [
  ...['run', '--rm', '--runtime', 'runc', '--init', '--network=host', '--read-only'],
  ...['--cap-drop=all', '--cap-add=SETUID', '--cap-add=SETGID', '--cap-add=KILL'],
  ...['--memory', '512m', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096'],
  ...['--env', 'MAILBOX_URL'],
];

/** Makes an image folder whose program runs the real image in a container. */
export async function containerImage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'main.cjs'),
    `const { spawn } = require('node:child_process');
const child = spawn('podman', ${JSON.stringify([...TASK, image])}, {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, HOME: '/root' },
});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => process.exit(code ?? 1));
`,
  );
}
