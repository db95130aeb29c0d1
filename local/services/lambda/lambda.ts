import { resolve } from 'node:path';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Service } from '#local/kernel/service.ts';
import { getAliasAction } from './actions/get-alias.ts';
import { getEventSourceMappingAction } from './actions/get-event-source-mapping.ts';
import { getFunctionConcurrencyAction } from './actions/get-function-concurrency.ts';
import { getFunctionConfigurationAction } from './actions/get-function-configuration.ts';
import { getFunctionAction } from './actions/get-function.ts';
import { getPolicyAction } from './actions/get-policy.ts';
import { invokeAction } from './actions/invoke.ts';
import { listAliasesAction } from './actions/list-aliases.ts';
import { listEventSourceMappingsAction } from './actions/list-event-source-mappings.ts';
import { listFunctionsAction } from './actions/list-functions.ts';
import { listVersionsByFunctionAction } from './actions/list-versions-by-function.ts';
import { CodeFolders } from './code-folder.ts';
import { EventQueue } from './event-queue.ts';
import { EventSources } from './event-source/event-sources.ts';
import { MappingStore } from './event-source/mapping-store.ts';
import { FunctionPolicies } from './function-policy.ts';
import { FunctionStore } from './function-store.ts';
import { InvokeConfigStore } from './invoke-config-store.ts';
import { Invoker } from './invoker.ts';
import { aliasResource } from './resources/alias.ts';
import { eventInvokeConfigResource } from './resources/event-invoke-config.ts';
import { eventSourceMappingResource } from './resources/event-source-mapping.ts';
import { functionResource } from './resources/function.ts';
import { permissionResource } from './resources/permission.ts';
import { versionResource } from './resources/version.ts';
import { ProcessFleet, type FleetLimits } from './runtime/process-fleet.ts';
import { lambdaWire } from './wire.ts';

export interface LambdaOptions extends FleetLimits {
  /** How long a failed asynchronous event waits before its retries. @default 1 and 2 minutes */
  readonly retryDelaysMs?: readonly number[];
}

/** Lambda: functions as processes of this machine, over the Lambda Runtime API. */
export interface LambdaService extends Service {
  /** The pids of the living processes of a function, for tests that kill one. */
  pids(functionName: string): number[];
}

/** Makes the Lambda service. */
export function lambdaService(cloud: Cloud, options: LambdaOptions = {}): LambdaService {
  const store = new FunctionStore(cloud);
  const policies = new FunctionPolicies(cloud);
  const configs = new InvokeConfigStore(cloud);
  const code = new CodeFolders(resolve(cloud.stateFolder));
  const fleet = new ProcessFleet(cloud, ({ codeSha256 }) => code.path(codeSha256), options);
  const invoker = new Invoker(cloud, store, fleet);
  const queue = new EventQueue(cloud, { store, configs, invoker, fleet }, options.retryDelaysMs);
  const mappings = new MappingStore(cloud);
  const sources = new EventSources(mappings, { cloud, store, invoker, fleet });
  return {
    name: 'lambda',
    wire: lambdaWire,
    actions: {
      GetAlias: getAliasAction(store),
      GetEventSourceMapping: getEventSourceMappingAction(mappings, sources),
      GetFunction: getFunctionAction(store, code),
      GetFunctionConcurrency: getFunctionConcurrencyAction(store),
      GetFunctionConfiguration: getFunctionConfigurationAction(store),
      GetPolicy: getPolicyAction(store, policies),
      Invoke: invokeAction({ store, invoker, queue }),
      ListAliases: listAliasesAction(store),
      ListEventSourceMappings: listEventSourceMappingsAction(mappings, sources),
      ListFunctions: listFunctionsAction(store),
      ListVersionsByFunction: listVersionsByFunctionAction(store),
    },
    resources: [
      functionResource({ store, code, fleet }),
      versionResource(store, fleet),
      aliasResource(store),
      permissionResource(store, policies),
      eventInvokeConfigResource(store, configs),
      eventSourceMappingResource({ store, mappings, sources }),
    ],
    resourcePolicy: (arn) => policies.of(arn),
    pids: (functionName) => fleet.pids(functionName),
    start() {
      code.keepOnly(store.livingCode());
      queue.start();
      sources.start();
    },
    async stop() {
      sources.stop();
      queue.stop();
      await fleet.stop();
    },
  };
}
