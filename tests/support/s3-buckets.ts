import type { Cloud } from '#local/kernel/cloud.ts';

/** Makes a bucket (or its policy) in a local cloud as its template would. @returns the name */
export async function makeBucket(
  cloud: Cloud,
  properties: Readonly<Record<string, unknown>> = {},
  type = 'AWS::S3::Bucket',
): Promise<string> {
  const provider = cloud.providers().get(type);
  if (!provider) throw new Error(`no provider of ${type}`);
  const result = await provider.upsert(
    {
      logicalId: 'Bucket',
      type,
      defaultName: 'files',
      assemblyFolder: '',
      assetPath: (key) => key,
      properties,
    },
    cloud,
  );
  return result.ref;
}
