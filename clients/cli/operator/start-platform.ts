import { addressesPath, readAddresses, type Addresses } from '../api/connection.ts';
import type { Terminal } from '../screen/terminal.ts';
import { startCloud, type RunningCloud } from './cloud-process.ts';
import { haveKeys } from './demo-tenants.ts';
import { chosenModel, type ModelChoice } from './model-choice.ts';
import { keepRecord, runningPlatform } from './platform-record.ts';
import { isFree, rememberedPort, rememberPort } from './ports.ts';
import { prepareAssembly } from './prepare-assembly.ts';
import { identify } from './process-identity.ts';
import { openState, writeState } from './state-folder.ts';
import { Stopwatch } from './stopwatch.ts';
import { startTourModel, TOUR_MODEL, type TourModel } from './tour-model.ts';

export interface StartSettings {
  readonly state: string;
  readonly port?: number | undefined;
  readonly faults?: readonly string[];
}

export interface Platform {
  readonly addresses: Addresses;
  readonly wasRunning: boolean;
  /** Milliseconds by phase, and `total`. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Names of the stacks' outputs that the operator needs. */
const OUTPUTS = {
  api: 'ApiUrl',
  operatorRole: 'OperatorRoleArn',
  provisionTenant: 'ProvisionTenantFunctionName',
  modelSecret: 'ModelSecretArn',
} as const;

/** Starts the platform of a state folder, unless it runs; after a crash as after a stop. */
export async function startPlatform(
  settings: StartSettings,
  terminal: Terminal,
): Promise<Platform> {
  const watch = new Stopwatch();
  const running = runningPlatform(settings.state);
  const known = running && readAddresses(settings.state);
  if (known) return { addresses: known, wasRunning: true, timings: watch.read() };
  openState(settings.state);
  const choice = chosenModel(terminal);
  const [model] = await Promise.all([
    choice ? undefined : watch.time('model', () => startTourModel(settings.state)),
    watch.time('assembly', prepareAssembly),
  ]);
  const cloud = await watch.time('cloud', () => launchCloud(settings, choice, model));
  const modelUrl = choice?.url ?? model?.url ?? '';
  const modelName = choice?.name ?? TOUR_MODEL;
  keepRecord(settings.state, {
    cloud: cloud.identity,
    model: identify(model?.process.pid ?? -1) ?? null,
    endpoint: cloud.endpoint,
    model_url: modelUrl,
    model_name: modelName,
  });
  await watch.time('tenants', () => furnish(settings.state, cloud, choice));
  const addresses = {
    api: outputOf(cloud, OUTPUTS.api).replace(/\/+$/, ''),
    endpoint: cloud.endpoint,
    mailbox: `${cloud.endpoint}/_local/mailbox`,
    model: { name: modelName, url: modelUrl },
  };
  writeState(addressesPath(settings.state), addresses);
  return { addresses, wasRunning: false, timings: watch.read() };
}

async function launchCloud(
  settings: StartSettings,
  choice: ModelChoice | undefined,
  model: TourModel | undefined,
): Promise<RunningCloud> {
  const { state, faults = [] } = settings;
  const before = rememberedPort(state, 'cloud');
  const port =
    settings.port ?? (before !== undefined && (await isFree(before)) ? before : undefined);
  const cloud = await startCloud({
    state,
    port,
    faults,
    parameters: {
      ModelBaseUrl: choice?.url ?? model?.url ?? '',
      ModelName: choice?.name ?? TOUR_MODEL,
      SandboxBox: 'bubblewrap',
      MailFrom: 'mirai@mirai.example',
    },
    holds: model?.process.stdin ?? undefined,
  });
  model?.process.stdin?.destroy();
  rememberPort(state, 'cloud', cloud.endpoint);
  return cloud;
}

/** What the platform needs before somebody can use it: tenants with keys, and the model's key. */
async function furnish(
  state: string,
  cloud: RunningCloud,
  choice: ModelChoice | undefined,
): Promise<void> {
  if (haveKeys(state) && !choice?.apiKey) return;
  const [{ openOperatorSession }, { provisionTenants }, { keepModelKey }] = await Promise.all([
    import('./operator-session.ts'),
    import('./demo-tenants.ts'),
    import('./model-choice.ts'),
  ]);
  const session = await openOperatorSession(
    state,
    cloud.endpoint,
    outputOf(cloud, OUTPUTS.operatorRole),
  );
  await Promise.all([
    haveKeys(state)
      ? undefined
      : provisionTenants(state, session, outputOf(cloud, OUTPUTS.provisionTenant)),
    choice?.apiKey
      ? keepModelKey(session, outputOf(cloud, OUTPUTS.modelSecret), choice.apiKey)
      : undefined,
  ]);
}

/** @throws Error naming the output that the template does not have */
function outputOf({ outputs }: RunningCloud, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`The template has no output ${name}.`);
  return value;
}
