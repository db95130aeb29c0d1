import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import { Faults, type FaultSettings } from '#local/kernel/faults.ts';
import { FrontDoor, credentialService } from '#local/kernel/front-door.ts';
import type { Service } from '#local/kernel/service.ts';

/** A cloud of chosen services on a free port, without signatures and with everything allowed. */
export async function bareCloud(
  make: (cloud: Cloud) => readonly Service[],
  options: { faults?: FaultSettings; path?: string; stateFolder?: string } = {},
) {
  const database = new Database(options.path ?? ':memory:');
  const cloud = new Cloud({
    database,
    authorizer: { check: () => 'everything is allowed in this test' },
    stateFolder: options.stateFolder ?? '.mirai-test',
    faults: new Faults(options.faults),
  });
  for (const service of make(cloud)) cloud.register(service);
  const door = new FrontDoor(cloud, (request) => ({
    principal: { kind: 'root' },
    service: credentialService(request),
  }));
  const endpoint = await door.listen();
  await cloud.start();
  /** What an AWS SDK client needs to reach this cloud. */
  const client = {
    endpoint,
    region: cloud.region,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    forcePathStyle: true,
    maxAttempts: 1,
  };
  return {
    cloud,
    client,
    async close() {
      await door.close();
      await cloud.stop();
      database.close();
    },
  };
}
