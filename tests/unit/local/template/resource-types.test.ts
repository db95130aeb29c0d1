import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import prettier from 'prettier';
import { PolicyBook } from '#local/iam/policy-book.ts';
import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import { makeServices } from '#local/services/make-services.ts';
import { RESOURCE_TYPES, resourceTypesInMarkdown } from '#local/template/resource-types.ts';

describe('the table of resource types', () => {
  it('says served of exactly what the services make, each by its service', () => {
    const cloud = new Cloud({
      database: new Database(':memory:'),
      authorizer: { check: () => '' },
      stateFolder: join(tmpdir(), 'never-written'),
    });
    const made = makeServices(cloud, new PolicyBook()).flatMap(({ name, resources = [] }) =>
      resources.map(({ type }) => [type, { served: name }]),
    );

    const served = Object.entries(RESOURCE_TYPES).filter(([, standing]) => 'served' in standing);

    expect(Object.fromEntries(served)).toEqual(Object.fromEntries(made));
  });

  it('stands in the README as it is', async () => {
    const readme = readFileSync(join(process.cwd(), 'local/README.md'), 'utf8');

    const table = await prettier.format(resourceTypesInMarkdown(), { parser: 'markdown' });

    expect(readme).toContain(table);
  });
});
