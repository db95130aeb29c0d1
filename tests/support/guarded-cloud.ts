import { authenticator } from '#local/iam/authenticate.ts';
import { credentialStore, keyId } from '#local/iam/credential-store.ts';
import { Judge } from '#local/iam/judge.ts';
import { PolicyBook } from '#local/iam/policy-book.ts';
import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import { Faults, type FaultSettings } from '#local/kernel/faults.ts';
import { FrontDoor } from '#local/kernel/front-door.ts';
import type { PolicyDocument, PolicyStatement, Service } from '#local/kernel/service.ts';
import { stsService } from '#local/services/sts/sts.ts';

export const policy = (...statements: readonly PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});

/** A cloud of chosen services on a free port, with signatures checked and every call judged. */
export async function guardedCloud(
  make: (cloud: Cloud, book: PolicyBook) => readonly Service[],
  options: { faults?: FaultSettings; path?: string; stateFolder?: string } = {},
) {
  const database = new Database(options.path ?? ':memory:');
  const book = new PolicyBook();
  const cloud = new Cloud({
    database,
    authorizer: new Judge(book),
    stateFolder: options.stateFolder ?? '.mirai-test',
    faults: new Faults(options.faults),
  });
  for (const service of make(cloud, book)) cloud.register(service);
  cloud.register(stsService(cloud, book));
  const root = { accessKeyId: keyId('AKIA'), secretAccessKey: 'the secret of root' };
  credentialStore(cloud).addRoot(root);
  const door = new FrontDoor(cloud, authenticator(cloud));
  const endpoint = await door.listen();
  await cloud.start();
  const settings = { endpoint, region: cloud.region, forcePathStyle: true, maxAttempts: 1 };
  return {
    cloud,
    book,
    root,
    /** What an AWS SDK client of the account's root needs. */
    client: { ...settings, credentials: root },
    /** What a client with other credentials needs. */
    clientOf: (credentials: {
      accessKeyId: string;
      secretAccessKey: string;
      sessionToken?: string;
    }) => ({ ...settings, credentials }),
    /** Makes a role with its trust policy and one inline policy named `own`; answers its ARN. */
    role(name: string, trust: PolicyStatement, ...own: readonly PolicyStatement[]): string {
      const arn = `arn:aws:iam::${cloud.account}:role/${name}`;
      book.putRole({
        arn,
        name,
        id: keyId('AROA'),
        tags: {},
        maxSessionSeconds: 3600,
        trust: policy(trust),
        inline: { own: policy(...own) },
        awsManaged: {},
        managedPolicyArns: [],
      });
      return arn;
    },
    async close() {
      await door.close();
      await cloud.stop();
      database.close();
    },
  };
}
