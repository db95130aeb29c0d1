import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notServed } from '#local/kernel/aws-error.ts';

interface AssetManifest {
  readonly dockerImages?: Readonly<
    Record<string, { readonly source: { readonly directory?: string } }>
  >;
}

/**
 * The folder that a container image of the cloud assembly is built from.
 *
 * @param image the image's URI in the template, whose tag is the asset's hash
 * @throws AwsError `NotServedLocally` for an image that is no asset of the assembly
 */
export function imageFolder(assemblyFolder: string, image: string): string {
  const hash = image.slice(image.lastIndexOf(':') + 1);
  for (const name of readdirSync(assemblyFolder)) {
    if (!name.endsWith('.assets.json')) continue;
    const manifest = JSON.parse(readFileSync(join(assemblyFolder, name), 'utf8')) as AssetManifest;
    const directory = manifest.dockerImages?.[hash]?.source.directory;
    if (directory !== undefined) return join(assemblyFolder, directory);
  }
  throw notServed(`the container image ${image}, which is no asset of the assembly`);
}
