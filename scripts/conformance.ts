import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './bundle.ts';

/** One line of a conformance table. */
interface Row {
  readonly area: string;
  readonly queryLanguage?: string;
  readonly passed: number;
  readonly failed: number;
}

/** What a set in `tests/conformance/<name>.ts` answers. */
interface Outcome {
  readonly rows: readonly Row[];
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

const setsFolder = join(root, 'tests', 'conformance');
const registered = readdirSync(setsFolder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => name.slice(0, -'.ts'.length));

const { values, positionals } = parseArgs({
  options: { data: { type: 'string' } },
  allowPositionals: true,
});
const [name = ''] = positionals;
const data = values.data ?? join(root, '..', 'shared', 'conformance', name);

if (!registered.includes(name)) {
  console.error(`Unknown set ${name || '(none)'}. Registered: ${registered.join(', ')}`);
  process.exitCode = 2;
} else if (!existsSync(data)) {
  console.log(`skipped: the data of ${name} is not here (--data DIR names it)`);
  process.exitCode = process.env['CI'] && existsSync(join(root, '..', 'shared')) ? 1 : 0;
} else {
  const { run } = (await import(join(setsFolder, `${name}.ts`))) as {
    run: (folder: string) => Promise<Outcome>;
  };
  print(await run(data));
}

function print({ rows, passed, failed, failures }: Outcome): void {
  for (const row of rows) {
    const label = `${row.area}${row.queryLanguage ? ` (${row.queryLanguage})` : ''}`;
    console.log(
      `${label.padEnd(48)} ${String(row.passed).padStart(5)} / ${row.passed + row.failed}`,
    );
  }
  for (const failure of failures.slice(0, 60)) console.log(`  failed: ${failure}`);
  console.log(`${passed} passed, ${failed} failed`);
  console.log(JSON.stringify({ set: name, passed, failed, rows }));
}
