import type { Cloud } from '#local/kernel/cloud.ts';

/** Makes a table in a local cloud as its template would. @returns the table's name */
export async function makeTable(
  cloud: Cloud,
  properties: Readonly<Record<string, unknown>> = {},
  type = 'AWS::DynamoDB::Table',
): Promise<string> {
  const provider = cloud.providers().get(type);
  if (!provider) throw new Error(`no provider of ${type}`);
  const result = await provider.upsert(
    {
      logicalId: 'Table',
      type,
      defaultName: 'things',
      assemblyFolder: '',
      assetPath: (key) => key,
      properties: {
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        ...properties,
      },
    },
    cloud,
  );
  return result.ref;
}
