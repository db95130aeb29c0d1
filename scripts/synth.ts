import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, root, type Bundles } from './bundle.ts';
import { digestOf, digestOfFiles, filesUnder } from './digest.ts';

/** Where the cloud assembly is. */
export const assemblyFolder = join(root, 'cdk.out');

const ledgerPath = join(root, '.cache', 'synth.json');

export interface Synthesis {
  readonly bundles: Bundles;
  /** False when the assembly was up to date. */
  readonly synthesized: boolean;
}

/**
 * Bundles what changed and synthesizes the cloud assembly, unless nothing that it is made of has
 * changed. In one process a second call is quick, because the construct library is loaded already.
 */
export async function synthesize(): Promise<Synthesis> {
  const bundles = await bundle();
  const digest = inputsDigest(bundles);
  if (existsSync(join(assemblyFolder, 'manifest.json')) && readLedger() === digest) {
    return { bundles, synthesized: false };
  }
  process.chdir(root);
  const [{ makeApp }, { AssetStaging }] = await Promise.all([
    import('../infra/app.ts'),
    import('aws-cdk-lib'),
  ]);
  AssetStaging.clearAssetHashCache();
  rmSync(ledgerPath, { force: true });
  makeApp(assemblyFolder, undefined, false).synth();
  forgetOldAssets();
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(ledgerPath, JSON.stringify({ digest }));
  return { bundles, synthesized: true };
}

/** Deletes the code that no stack names any more: whoever loaded it keeps a copy of its own. */
function forgetOldAssets(): void {
  const files = readdirSync(assemblyFolder);
  const named = files
    .filter((file) => file.endsWith('.assets.json'))
    .map((file) => readFileSync(join(assemblyFolder, file), 'utf8'))
    .join();
  for (const file of files) {
    const isCode = file.startsWith('asset.') && existsSync(join(assemblyFolder, file, 'index.js'));
    if (isCode && !named.includes(file)) rmSync(join(assemblyFolder, file), { recursive: true });
  }
}

/** Everything that the template follows from. */
function inputsDigest({ functions, containers }: Bundles): string {
  const lock = join(root, 'node_modules', '.package-lock.json');
  const sources = ['infra', 'step-functions', 'shared/api'].map((folder) =>
    digestOfFiles(join(root, folder), filesUnder(join(root, folder))),
  );
  const contracts = filesUnder(join(root, 'functions')).filter((path) =>
    path.endsWith('contract.ts'),
  );
  return digestOf(
    JSON.stringify({ functions, containers }),
    ...sources,
    digestOfFiles(join(root, 'functions'), contracts),
    existsSync(lock) ? readFileSync(lock) : '',
  );
}

function readLedger(): string | undefined {
  if (!existsSync(ledgerPath)) return undefined;
  return (JSON.parse(readFileSync(ledgerPath, 'utf8')) as { digest: string }).digest;
}

if (import.meta.filename === process.argv[1]) {
  const begun = performance.now();
  const { synthesized } = await synthesize();
  const seconds = ((performance.now() - begun) / 1000).toFixed(2);
  console.log(`${synthesized ? 'synthesized' : 'nothing changed'} in ${seconds} s`);
}
