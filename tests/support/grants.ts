import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Judge } from '#local/iam/judge.ts';
import type { CompiledStatement } from '#local/iam/policy/compile-policy.ts';
import { PolicyBook } from '#local/iam/policy-book.ts';
import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import { makeServices } from '#local/services/make-services.ts';
import { readAssembly } from '#local/template/assembly.ts';
import { deploy } from '#local/template/deploy.ts';

/** Every (statement, action) pair that the template's roles grant, as `<statement>:<action>`. */
export async function grantedPairs(
  assembly: string,
): Promise<{ pairs: string[]; book: PolicyBook; close: () => Promise<void> }> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'mirai-grants-'));
  const book = new PolicyBook();
  const database = new Database(':memory:');
  const cloud = new Cloud({ database, authorizer: new Judge(book), stateFolder });
  cloud.endpoint = 'http://127.0.0.1:1';
  for (const service of makeServices(cloud, book)) cloud.register(service);
  await deploy(cloud, readAssembly(assembly), {
    SandboxBox: 'bubblewrap',
    MailFrom: 'mirai@acme.example',
  });
  const pairs = book
    .grants()
    .flatMap(({ fullId, statement }) =>
      actionsOf(statement).map((action) => `${fullId}:${action}`),
    );
  return {
    pairs,
    book,
    async close() {
      await cloud.service('execute-api').stop?.();
      database.close();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

const actionsOf = (statement: CompiledStatement): string[] =>
  [statement.source.Action ?? []].flat();
