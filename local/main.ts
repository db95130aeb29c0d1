import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { authenticator } from './iam/authenticate.ts';
import { beginGeneration, credentialStore, rootCredentials } from './iam/credential-store.ts';
import { Judge } from './iam/judge.ts';
import { PolicyBook } from './iam/policy-book.ts';
import { rememberedPort, rememberPort } from './endpoint-port.ts';
import { AwsError } from './kernel/aws-error.ts';
import { Cloud } from './kernel/cloud.ts';
import { Database } from './kernel/database.ts';
import { Faults, type FaultSettings } from './kernel/faults.ts';
import { FrontDoor, type SideDoor } from './kernel/front-door.ts';
import { localUrlOf } from './services/execute-api/execute-api.ts';
import { makeServices } from './services/make-services.ts';
import { mailboxDoor } from './services/ses/mailbox/mailbox-door.ts';
import { lockState } from './state-lock.ts';
import { readAssembly } from './template/assembly.ts';
import { deploy, type Deployment } from './template/deploy.ts';

const { values: options } = parseArgs({
  options: {
    assembly: { type: 'string', default: 'cdk.out' },
    state: { type: 'string', default: '.mirai' },
    port: { type: 'string', default: '0' },
    parameters: { type: 'string', default: '{}' },
    fault: { type: 'string', multiple: true, default: [] },
  },
});

/** `latencyMs=20` and the like. @throws Error for a fault that is not known */
function faultsOf(given: readonly string[]): Faults {
  const known = ['latencyMs', 'duplicate', 'late', 'lateMs', 'clockSkewMs', 'seed'];
  const entries = given
    .flatMap((text) => text.split(','))
    .map((text) => {
      const [name = '', value = ''] = text.split('=');
      if (!known.includes(name) || !Number.isFinite(Number(value))) {
        throw new Error(`--fault ${text}: known are ${known.join(', ')}, each with a number`);
      }
      return [name, Number(value)];
    });
  return new Faults(Object.fromEntries(entries) as FaultSettings);
}

function lockOrExit(): () => void {
  try {
    return lockState(stateFolder);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

const started = performance.now();
const stateFolder = resolve(options.state);
mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
const unlock = lockOrExit();
const database = new Database(join(stateFolder, 'state.db'));
const generation = beginGeneration(database, process.pid, Date.now());
const book = new PolicyBook();
const cloud = new Cloud({
  database,
  authorizer: new Judge(book),
  stateFolder,
  faults: faultsOf(options.fault),
});
for (const service of makeServices(cloud, book)) cloud.register(service);
credentialStore(cloud).addRoot(rootCredentials(stateFolder));

let deployment: Deployment;
const parameters = JSON.parse(options.parameters) as Record<string, string>;
let loading: Promise<void> = Promise.resolve();
/** Loads the template anew, one load after the other. */
const load = (): Promise<void> => {
  const next = async (): Promise<void> => {
    deployment = await deploy(cloud, readAssembly(resolve(options.assembly)), parameters);
    writeRuntime();
  };
  loading = loading.then(next, next);
  return loading;
};

/** Our own requests: is it alive, and load the template anew. Only from this machine by name. */
const controlDoor: SideDoor = async (request) => {
  if (!request.path.startsWith('/_local/')) return undefined;
  const host = (request.headers['host'] ?? '').split(':')[0];
  const json = (status: number, body: unknown) => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (host !== '127.0.0.1' && host !== 'localhost') return json(403, { message: 'not from here' });
  if (request.path === '/_local/health') return json(200, { pid: process.pid, generation });
  if (request.path === '/_local/reload' && request.method === 'POST') {
    // A page in a browser cannot send this without being asked first (a simple request has no such header).
    if (request.headers['origin'] !== undefined) return json(403, { message: 'not from a page' });
    await load();
    return json(200, { resources: deployment.resources });
  }
  return undefined;
};

const door = new FrontDoor(cloud, authenticator(cloud), [mailboxDoor(cloud), controlDoor]);

function writeRuntime(): void {
  const outputs = Object.fromEntries(
    Object.entries(deployment.outputs).map(([name, value]) => [name, localUrlOf(cloud, value)]),
  );
  const runtime = {
    pid: process.pid,
    generation,
    startedAt: new Date().toISOString(),
    endpoint: cloud.endpoint,
    region: cloud.region,
    account: cloud.account,
    outputs,
    inert: deployment.inert,
  };
  const path = join(stateFolder, 'runtime.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(runtime, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

async function stop(): Promise<void> {
  await door.close();
  await cloud.stop();
  database.close();
  unlock();
  process.exit(0);
}

try {
  rememberPort(database, await door.listen(Number(options.port) || rememberedPort(database)));
  deployment = await deploy(cloud, readAssembly(resolve(options.assembly)), parameters);
  await cloud.start();
  writeRuntime();
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  console.log(
    JSON.stringify({
      ready: true,
      pid: process.pid,
      endpoint: cloud.endpoint,
      resources: deployment.resources,
      ms: Math.round(performance.now() - started),
    }),
  );
} catch (error) {
  console.error(error instanceof AwsError ? `${error.code}: ${error.message}` : error);
  unlock();
  process.exit(1);
}
