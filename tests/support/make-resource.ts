import type { Cloud } from '#local/kernel/cloud.ts';
import type { ResourceResult } from '#local/kernel/service.ts';

/** Makes a resource as the template reader would, with properties whose intrinsics are resolved. */
export async function makeResource(
  cloud: Cloud,
  type: string,
  logicalId: string,
  properties: Readonly<Record<string, unknown>> = {},
): Promise<ResourceResult> {
  const provider = cloud.providers().get(type);
  if (!provider) throw new Error(`no service serves ${type}`);
  return provider.upsert(
    {
      logicalId,
      type,
      properties,
      defaultName: `test-${logicalId}`,
      assemblyFolder: '.',
      assetPath: (key) => key,
    },
    cloud,
  );
}
