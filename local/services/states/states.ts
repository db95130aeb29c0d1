import type { Cloud } from '#local/kernel/cloud.ts';
import { jsonWire } from '#local/kernel/json-wire.ts';
import type { Service } from '#local/kernel/service.ts';
import { describeExecution } from './actions/describe-execution.ts';
import {
  describeStateMachine,
  describeStateMachineForExecution,
} from './actions/describe-state-machine.ts';
import { getExecutionHistory } from './actions/get-execution-history.ts';
import { listExecutions } from './actions/list-executions.ts';
import {
  describeStateMachineAlias,
  listStateMachineAliases,
  listStateMachines,
  listStateMachineVersions,
} from './actions/list-state-machines.ts';
import { sendTaskFailure, sendTaskHeartbeat, sendTaskSuccess } from './actions/send-task.ts';
import { startExecution } from './actions/start-execution.ts';
import { stopExecution } from './actions/stop-execution.ts';
import { validateStateMachineDefinition } from './actions/validate-state-machine-definition.ts';
import { Engine } from './engine.ts';
import { ExecutionStore } from './execution-store.ts';
import { MachineStore } from './machine-store.ts';
import { stateMachineResource } from './resources/state-machine.ts';
import { aliasResource, versionResource } from './resources/version-and-alias.ts';
import type { StatesContext } from './states-context.ts';

/**
 * AWS Step Functions with Standard workflows. Each execution is its history in SQLite: after a
 * crash it goes on from there, with the same task tokens and due times.
 */
export function statesService(cloud: Cloud): Service {
  const machines = new MachineStore(cloud);
  const executions = new ExecutionStore(cloud);
  const engine = new Engine(cloud, machines, executions);
  const states: StatesContext = { cloud, machines, executions, engine };
  return {
    name: 'states',
    wire: jsonWire('1.0'),
    actions: {
      StartExecution: startExecution(states),
      StopExecution: stopExecution(states),
      DescribeExecution: describeExecution(states),
      ListExecutions: listExecutions(states),
      GetExecutionHistory: getExecutionHistory(states),
      DescribeStateMachine: describeStateMachine(states),
      DescribeStateMachineForExecution: describeStateMachineForExecution(states),
      DescribeStateMachineAlias: describeStateMachineAlias(states),
      ListStateMachines: listStateMachines(states),
      ListStateMachineVersions: listStateMachineVersions(states),
      ListStateMachineAliases: listStateMachineAliases(states),
      SendTaskSuccess: sendTaskSuccess(states),
      SendTaskFailure: sendTaskFailure(states),
      SendTaskHeartbeat: sendTaskHeartbeat(states),
      ValidateStateMachineDefinition: validateStateMachineDefinition,
    },
    resources: [stateMachineResource(states), versionResource(states), aliasResource(states)],
    start: () => engine.resume(),
    stop: () => engine.stop(),
  };
}
