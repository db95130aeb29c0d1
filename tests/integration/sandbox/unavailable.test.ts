import { describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleShell, leaseCloud } from '../../support/lease-cloud.ts';

const BWRAP = '/usr/bin/bwrap';

/** An image whose shell finds no control group that it may write to. */
async function powerlessImage(folder: string): Promise<void> {
  const shell = join(folder, 'shell');
  await bundleShell(shell);
  const hidden = ['--tmpfs', '/sys/fs/cgroup', '--remount-ro', '/sys/fs/cgroup'];
  const command = [
    ...['--dev-bind', '/', '/', ...hidden, '--die-with-parent', '--', process.execPath],
    ...[join(shell, 'main.cjs'), '--box', 'bubblewrap'],
  ];
  writeFileSync(
    join(folder, 'main.cjs'),
    `require('node:child_process').spawn('${BWRAP}', ${JSON.stringify(command)}, { stdio: 'inherit' })
  .once('exit', (code) => process.exit(code ?? 1));
`,
  );
}

const canHide = existsSync(BWRAP);
const describeHidden = canHide ? describe : describe.skip;

describeHidden(`a machine that cannot isolate${canHide ? '' : ' (skipped: no bubblewrap)'}`, () => {
  it('runs no code: the job fails to start, with the reason and the repair', async () => {
    const lease = await leaseCloud(powerlessImage);
    await lease.post(1, { language: 'bash', code: 'echo ran', next_url: undefined });
    await lease.lease();
    expect(await lease.result(1)).toMatchObject({
      status: 'failed_to_start',
      exit_code: null,
      stdout: '',
      error: {
        code: 'sandbox.unavailable',
        reason: expect.stringContaining('no control group with a memory limit'),
        repair: expect.any(String),
      },
    });
    await lease.close();
  });
});
