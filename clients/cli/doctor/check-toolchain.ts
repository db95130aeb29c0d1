import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { bad, good, type Finding } from './finding.ts';

const NODE_MAJOR = 24;
const Versions = z.record(z.string(), z.string());
const PackageFile = z.looseObject({
  version: z.optional(z.string()),
  dependencies: z.optional(Versions),
  devDependencies: z.optional(Versions),
});

/** @param version such as `24.21.0` */
export function checkNode(version: string): Finding {
  return Number.parseInt(version, 10) >= NODE_MAJOR
    ? good('node', `Node ${version}`)
    : bad(
        'node',
        `Node ${version} is too old; it needs ${NODE_MAJOR}`,
        'npm ci --ignore-scripts=false',
      );
}

/** Holds what is installed against what package.json pins. */
export function checkPackages(root: string): Finding {
  const { dependencies = {}, devDependencies = {} } = readPackage(join(root, 'package.json'));
  const pinned = Object.entries({ ...dependencies, ...devDependencies });
  const wrong = pinned.filter(([name, version]) => {
    const path = join(root, 'node_modules', name, 'package.json');
    return !existsSync(path) || readPackage(path).version !== version;
  });
  if (wrong.length === 0) return good('npm packages', `${pinned.length} as pinned`);
  const names = wrong.slice(0, 5).map(([name]) => name);
  const more = wrong.length > names.length ? ` and ${wrong.length - names.length} more` : '';
  return bad('npm packages', `missing or of another version: ${names.join(', ')}${more}`, 'npm ci');
}

const readPackage = (path: string): z.infer<typeof PackageFile> =>
  PackageFile.parse(JSON.parse(readFileSync(path, 'utf8')));
