import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Judge } from '#local/iam/judge.ts';
import type { CompiledStatement } from '#local/iam/policy/compile-policy.ts';
import { PolicyBook } from '#local/iam/policy-book.ts';
import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import type { IamRequest, Principal } from '#local/kernel/service.ts';
import { makeServices } from '#local/services/make-services.ts';
import { readAssembly } from '#local/template/assembly.ts';
import { deploy } from '#local/template/deploy.ts';

/** One permission of a call, as the journal keeps it. */
export interface RecordedGrant extends IamRequest {
  /** A role's ARN, with the session tags in brackets. */
  readonly principal: string;
  readonly statement: string | null;
}

function principalOf(text: string): Principal {
  const [, roleArn = '', tags = ''] = /^([^[]+)(?:\[(.*)\])?$/.exec(text) ?? [];
  const pairs = tags === '' ? [] : tags.split(',').map((tag) => tag.split('=') as [string, string]);
  return { kind: 'role', roleArn, sessionName: 'again', tags: Object.fromEntries(pairs) };
}

/** Every (statement, action) pair that the template's roles grant, as `<statement>:<action>`. */
export async function grantedPairs(assembly: string): Promise<{
  pairs: string[];
  /** Judges a recorded call again, with one statement left out. @throws AwsError when it is denied */
  judge: (call: RecordedGrant, without?: string) => string;
  close: () => Promise<void>;
}> {
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
    judge: ({ principal, ...need }, without) => {
      const judged = new Judge(without === undefined ? book : book.without(without));
      return judged.check(principalOf(principal), need, cloud);
    },
    async close() {
      await cloud.service('execute-api').stop?.();
      database.close();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

const actionsOf = (statement: CompiledStatement): string[] =>
  [statement.source.Action ?? []].flat();
