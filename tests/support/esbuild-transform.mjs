// Compiles the tests with the compiler that bundles the functions. Types are checked by tsc.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { transformSync, version } from 'esbuild';

const self = readFileSync(new URL(import.meta.url));

export default {
  getCacheKey: (source, path) =>
    createHash('sha256').update(version).update(self).update(path).update(source).digest('hex'),
  process: (source, path) =>
    transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node24',
      sourcemap: 'inline',
      sourcefile: path,
    }),
};
