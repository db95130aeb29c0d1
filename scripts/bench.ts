import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle.ts';

const folder = join(root, 'bench');
const known = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'main.ts')));
const [name = '', ...args] = process.argv.slice(2);

if (known.includes(name)) {
  const program = join(folder, name, 'main.ts');
  process.argv = [process.execPath, program, ...args];
  await import(program);
} else {
  console.error(`Unknown benchmark ${name || '(none)'}. Known: ${known.join(', ')}`);
  process.exitCode = 2;
}
