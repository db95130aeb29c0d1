// Plain JavaScript that any Node since 18 reads: it finds the Node that the rest is written for.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const wanted = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const self = fileURLToPath(import.meta.url);

/**
 * Runs a TypeScript program of this repository on Node 24: in this process if it is one, else in the
 * Node that the package `node` pins. If that one is missing, names the command that repairs it and
 * ends with 1.
 *
 * @param program path from the root of the repository, such as `scripts/check.ts`
 * @param args what the program gets as its arguments
 */
export async function runOnNode(program, args) {
  const path = join(root, program);
  if (major(process.versions.node) >= wanted) {
    const { enableCompileCache } = await import('node:module');
    enableCompileCache(join(root, '.cache', 'compiled'));
    process.argv = [process.execPath, path, ...args];
    await import(pathToFileURL(path).href);
    return;
  }
  const node = pinnedNode();
  if (node === undefined) {
    console.error(
      `Mirai needs Node ${wanted}; this is ${process.versions.node}, and the pinned one is not installed.\n` +
        'Repair it with:  npm ci --ignore-scripts=false',
    );
    process.exit(1);
  }
  handOver(node, [self, program, ...args]);
}

function pinnedNode() {
  const places = ['.bin/node', 'node/bin/node'].map((place) => join(root, 'node_modules', place));
  return places.find((place) => existsSync(place) && isWanted(place));
}

function isWanted(node) {
  const { stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return major(stdout ?? '') >= wanted;
}

function major(version) {
  return Number.parseInt(version, 10) || 0;
}

/** Goes on as another program: its output, its signals and its end are ours. */
function handOver(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === self) {
  const [program, ...args] = process.argv.slice(2);
  if (program === undefined) {
    console.error('Usage: node scripts/guard.mjs <program.ts> [arguments]');
    process.exit(2);
  }
  await runOnNode(program, args);
}
