import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { notServed } from '#local/kernel/aws-error.ts';

/** The code of one version, kept under the hash of its content. */
export interface CodeFolder {
  /** Hex SHA-256 over names and contents. */
  readonly sha256: string;
  readonly bytes: number;
}

/** The code of all living versions, one folder for each content, which nobody changes. */
export class CodeFolders {
  readonly #root: string;

  constructor(stateFolder: string) {
    this.#root = join(stateFolder, 'code');
  }

  path(sha256: string): string {
    return join(this.#root, sha256);
  }

  /** Copies an asset's folder, unless its content is here already. */
  keep(assetPath: string): CodeFolder {
    if (!statSync(assetPath).isDirectory()) throw notServed('function code in a zip file');
    const code = measure(assetPath);
    const target = this.path(code.sha256);
    if (existsSync(target)) return code;
    mkdirSync(this.#root, { recursive: true });
    // A `.js` file is CommonJS unless its own folder says otherwise, whatever lies above the state.
    writeFileSync(join(this.#root, 'package.json'), '{ "type": "commonjs" }\n');
    const unfinished = join(this.#root, `.${randomUUID()}`);
    cpSync(assetPath, unfinished, { recursive: true, dereference: true });
    renameSync(unfinished, target);
    return code;
  }

  /** Deletes the folders of versions that are gone, and what a crash left half copied. */
  keepOnly(living: ReadonlySet<string>): void {
    if (!existsSync(this.#root)) return;
    for (const name of readdirSync(this.#root)) {
      if (name === 'package.json' || living.has(name)) continue;
      rmSync(join(this.#root, name), { recursive: true, force: true });
    }
  }
}

function measure(folder: string): CodeFolder {
  const hash = createHash('sha256');
  let bytes = 0;
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  for (const path of files.map((file) => join(file.parentPath, file.name)).sort()) {
    const content = readFileSync(path);
    bytes += content.length;
    hash.update(`${path.slice(folder.length)}\0${content.length}\0`).update(content);
  }
  return { sha256: hash.digest('hex'), bytes };
}
