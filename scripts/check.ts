import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from './bundle.ts';
import { synthesize } from './synth.ts';

interface Check {
  readonly name: string;
  readonly args: readonly string[];
}

const bin = (path: string) => join(root, 'node_modules', path);

const CHECKS: readonly Check[] = [
  {
    name: 'lint',
    args: [bin('eslint/bin/eslint.js'), '.', '--cache', '--cache-location', '.cache/eslint'],
  },
  {
    name: 'tests: unit, infra, workflows',
    args: [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      bin('jest/bin/jest.js'),
      'tests/unit',
      'tests/infra',
      'tests/workflows',
      '--silent',
      '--maxWorkers=1',
    ],
  },
  { name: 'types', args: [bin('typescript/bin/tsc'), '-p', '.'] },
  {
    name: 'format',
    args: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  },
  {
    name: 'import walls',
    args: [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.js',
      ...['infra', 'functions', 'containers', 'shared', 'clients', 'local', 'scripts', 'bench'],
    ],
  },
  { name: 'dead code', args: [bin('knip/bin/knip.js'), '--no-progress'] },
];

interface Result {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

const begun = performance.now();
await synthesize();
const queue = [...CHECKS];
const results: Result[] = [];
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await run(next));
  }),
);

for (const { ok, output, name } of results) {
  if (!ok || name.startsWith('tests')) console.log(`\n── ${name}\n${output.trim()}`);
}
console.log('');
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s`);
}
console.log(
  `${'all'.padStart(10)} ${' '.repeat(28)} ${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s`,
);
if (results.some(({ ok }) => !ok)) process.exitCode = 1;

function run({ name, args }: Check): Promise<Result> {
  const start = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => {
      resolve({ name, ok: code === 0, seconds: (performance.now() - start) / 1000, output });
    });
  });
}
