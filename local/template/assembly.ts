import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A CloudFormation template as the cloud assembly holds it. */
export interface Template {
  readonly Parameters?: Readonly<
    Record<string, { readonly Type: string; readonly Default?: unknown }>
  >;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<
    Record<
      string,
      {
        readonly Value: unknown;
        readonly Condition?: string;
        readonly Export?: { readonly Name: unknown };
      }
    >
  >;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Stack {
  readonly name: string;
  readonly template: Template;
}

/** A cloud assembly: stacks in the order of their dependencies, and where their assets are. */
export interface Assembly {
  readonly folder: string;
  readonly stacks: readonly Stack[];
  /** S3 key of a file asset → its folder or file. */
  readonly files: ReadonlyMap<string, string>;
  /** Tag of an image asset → the folder that it is built from. */
  readonly images: ReadonlyMap<string, string>;
}

interface Artifact {
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly file?: string;
    readonly stackName?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
  readonly dockerImages?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly directory: string };
        readonly destinations: Readonly<Record<string, { readonly imageTag: string }>>;
      }
    >
  >;
}

const readJson = <Content>(path: string): Content =>
  JSON.parse(readFileSync(path, 'utf8')) as Content;

/** Reads a cloud assembly. @throws Error when there is none */
export function readAssembly(folder: string): Assembly {
  const manifestPath = join(folder, 'manifest.json');
  if (!existsSync(manifestPath)) throw new Error(`there is no cloud assembly in ${folder}`);
  const { artifacts } = readJson<{ artifacts: Readonly<Record<string, Artifact>> }>(manifestPath);
  const stacks: Stack[] = [];
  const visited = new Set<string>();
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (!artifact || visited.has(id)) return;
    visited.add(id);
    for (const dependency of artifact.dependencies ?? []) visit(dependency);
    if (artifact.type !== 'aws:cloudformation:stack' || !artifact.properties?.templateFile) return;
    stacks.push({
      name: artifact.properties.stackName ?? id,
      template: readJson<Template>(join(folder, artifact.properties.templateFile)),
    });
  };
  Object.keys(artifacts).forEach(visit);
  return { folder, stacks, ...readAssets(folder, Object.values(artifacts)) };
}

function readAssets(
  folder: string,
  artifacts: readonly Artifact[],
): Pick<Assembly, 'files' | 'images'> {
  const files = new Map<string, string>();
  const images = new Map<string, string>();
  for (const { type, properties } of artifacts) {
    if (type !== 'cdk:asset-manifest' || !properties?.file) continue;
    const manifest = readJson<AssetManifest>(join(folder, properties.file));
    for (const { source, destinations } of Object.values(manifest.files ?? {})) {
      for (const { objectKey } of Object.values(destinations))
        files.set(objectKey, join(folder, source.path));
    }
    for (const { source, destinations } of Object.values(manifest.dockerImages ?? {})) {
      for (const { imageTag } of Object.values(destinations)) {
        images.set(imageTag, join(folder, source.directory));
      }
    }
  }
  return { files, images };
}
