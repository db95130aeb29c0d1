import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template } from '#local/template/assembly.ts';

/** Writes a cloud assembly of these stacks, each depending on the one before; answers its folder. */
export function writeAssembly(
  stacks: Readonly<Record<string, Partial<Template>>>,
  folder: string = mkdtempSync(join(tmpdir(), 'assembly-')),
): string {
  const artifacts: Record<string, unknown> = {};
  let before: string[] = [];
  for (const [name, template] of Object.entries(stacks)) {
    writeFileSync(
      join(folder, `${name}.template.json`),
      JSON.stringify({ Resources: {}, ...template }),
    );
    writeFileSync(
      join(folder, `${name}.assets.json`),
      JSON.stringify({
        files: {
          abc: { source: { path: 'asset.abc' }, destinations: { here: { objectKey: 'abc.zip' } } },
        },
        dockerImages: {
          def: { source: { directory: 'asset.def' }, destinations: { here: { imageTag: 'def' } } },
        },
      }),
    );
    artifacts[`${name}.assets`] = {
      type: 'cdk:asset-manifest',
      properties: { file: `${name}.assets.json` },
    };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      dependencies: [`${name}.assets`, ...before],
      properties: { templateFile: `${name}.template.json` },
    };
    before = [name];
  }
  // The last stack stands first, so that only its dependencies bring the others before it.
  const reversed = Object.fromEntries(Object.entries(artifacts).reverse());
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts: reversed }));
  return folder;
}
