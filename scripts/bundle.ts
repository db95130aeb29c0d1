import { build, version as esbuildVersion, type BuildOptions } from 'esbuild';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOf, digestOfFiles, filesUnder } from './digest.ts';

/** The folder of the repository. */
export const root = join(import.meta.dirname, '..');

/** What was bundled: for each function and container the digest of what is deployed. */
export interface Bundles {
  readonly functions: Readonly<Record<string, string>>;
  readonly containers: Readonly<Record<string, string>>;
  /** Which of them this call built, as `functions/<name>`; the others were up to date. */
  readonly built: readonly string[];
}

interface Entry {
  /** `functions/<name>` or `containers/<name>`: the folder of the source and of the result. */
  readonly folder: string;
  readonly source: string;
  readonly target: string;
}

interface Known {
  readonly digest: string;
  /** Digest of each file that went into it, by path from the root; packages are in `tools`. */
  readonly inputs: Readonly<Record<string, string>>;
}

interface Ledger {
  /** Digest of the compiler, its settings and the installed packages. */
  readonly tools: string;
  readonly entries: Readonly<Record<string, Known>>;
}

const settings = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'silent',
  metafile: true as const,
  outdir: join(root, 'build'),
} satisfies BuildOptions;

const ledgerPath = join(root, '.cache', 'bundles.json');

/**
 * Makes `build/functions/<name>/index.js` of every `functions/<name>/handler.ts` and
 * `build/containers/<name>/main.cjs` of every `containers/<name>/main.ts`, with the container's other
 * files beside it. Only what changed since the last call is built, so a watcher calls this too.
 * `build/bundles.json` then names the digests, from which `infra/` makes its assets.
 *
 * @throws Error with esbuild's messages, if a file does not compile
 */
export async function bundle(): Promise<Bundles> {
  const tools = digestOf(esbuildVersion, JSON.stringify(settings), readIfThere(lockPath));
  const ledger = readLedger();
  const known = ledger?.tools === tools ? ledger.entries : {};
  const entries = findEntries();
  const digest = fileDigests();
  const stale = entries.filter((entry) => !isFresh(entry, known[entry.folder], digest));
  const made = Object.assign({}, ...(await Promise.all(buildAll(stale)))) as Record<string, Known>;
  forgetOthers(entries);
  const all = Object.fromEntries(
    entries.map(({ folder }) => [folder, made[folder] ?? known[folder]!] as const),
  );
  if (stale.length > 0 || Object.keys(known).length !== entries.length) {
    writeJson(ledgerPath, { tools, entries: all } satisfies Ledger);
  }
  const bundles = {
    functions: digestsOf(all, 'functions'),
    containers: digestsOf(all, 'containers'),
  };
  writeJson(join(root, 'build', 'bundles.json'), bundles);
  return { ...bundles, built: stale.map(({ folder }) => folder) };
}

const lockPath = join(root, 'node_modules', '.package-lock.json');

function findEntries(): Entry[] {
  return [
    ...entriesIn('functions', 'handler.ts', 'index.js'),
    ...entriesIn('containers', 'main.ts', 'main.cjs'),
  ];
}

function entriesIn(kind: string, source: string, target: string): Entry[] {
  const folder = join(root, kind);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, source)))
    .map((name) => ({ folder: `${kind}/${name}`, source, target }));
}

function isFresh(
  entry: Entry,
  known: Known | undefined,
  digest: (path: string) => string,
): boolean {
  return (
    known !== undefined &&
    existsSync(join(root, 'build', entry.folder, entry.target)) &&
    staticFiles(entry).every((path) => path in known.inputs) &&
    Object.entries(known.inputs).every(([path, before]) => digest(path) === before)
  );
}

/** One call of the compiler for all functions and one for all containers, which end in `.cjs`. */
function buildAll(entries: readonly Entry[]): Promise<Record<string, Known>>[] {
  const kinds = Map.groupBy(entries, ({ target }) => target.slice(target.indexOf('.')));
  return [...kinds].map(async ([ending, some]) => {
    const result = await build({
      ...settings,
      outExtension: { '.js': ending },
      entryPoints: some.map(({ folder, source, target }) => ({
        in: join(folder, source),
        out: join(folder, target.slice(0, target.indexOf('.'))),
      })),
    });
    return Object.fromEntries(
      some.map((entry) => {
        const output = result.metafile.outputs[join('build', entry.folder, entry.target)]!;
        return [entry.folder, finish(entry, Object.keys(output.inputs))];
      }),
    );
  });
}

/** Puts the files beside a bundle that it needs, and says what it was made of. */
function finish(entry: Entry, sources: readonly string[]): Known {
  const folder = join(root, 'build', entry.folder);
  const beside = staticFiles(entry);
  for (const path of filesUnder(folder)) {
    if (!path.startsWith(entry.target)) rmSync(join(folder, path));
  }
  for (const path of beside) {
    cpSync(join(root, path), join(folder, path.slice(entry.folder.length + 1)));
  }
  // Node takes a .js file for what the next package.json above says; ours says "module".
  if (entry.target.endsWith('.js')) writeJson(join(folder, 'package.json'), { type: 'commonjs' });
  const ours = [...sources.filter((path) => !path.startsWith('node_modules/')), ...beside];
  return {
    digest: digestOfFiles(
      folder,
      filesUnder(folder).filter((path) => !path.endsWith('.map')),
    ),
    inputs: Object.fromEntries(ours.map((path) => [path, fileDigest(path)])),
  };
}

/** What a container's image needs besides its program: Dockerfile, launcher, data. */
function staticFiles({ folder }: Entry): string[] {
  if (!folder.startsWith('containers/')) return [];
  return filesUnder(join(root, folder))
    .filter((path) => !path.endsWith('.ts') && !path.endsWith('.md'))
    .map((path) => join(folder, path));
}

function forgetOthers(entries: readonly Entry[]): void {
  const wanted = new Set(entries.map(({ folder }) => folder));
  for (const kind of ['functions', 'containers']) {
    const folder = join(root, 'build', kind);
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      if (!wanted.has(`${kind}/${name}`)) rmSync(join(folder, name), { recursive: true });
    }
  }
}

function digestsOf(all: Readonly<Record<string, Known>>, kind: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all)
      .filter(([folder]) => folder.startsWith(`${kind}/`))
      .map(([folder, { digest }]) => [folder.slice(kind.length + 1), digest]),
  );
}

function fileDigests(): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    const digest = known.get(path) ?? fileDigest(path);
    known.set(path, digest);
    return digest;
  };
}

function fileDigest(path: string): string {
  const absolute = join(root, path);
  return existsSync(absolute) ? digestOf(readFileSync(absolute)) : 'missing';
}

function readLedger(): Ledger | undefined {
  const text = readIfThere(ledgerPath);
  return text === '' ? undefined : (JSON.parse(text) as Ledger);
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  // Others read it while it is written.
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(unfinished, path);
}

if (import.meta.filename === process.argv[1]) {
  const begun = performance.now();
  const { functions, containers, built } = await bundle();
  const all = Object.keys(functions).length + Object.keys(containers).length;
  console.log(
    `${built.length} of ${all} bundles built in ${((performance.now() - begun) / 1000).toFixed(2)} s`,
  );
}
