import type { Cloud, ServiceEvent } from '#local/kernel/cloud.ts';
import type { Execution, TaskOutcome } from '#local/workflow/execution.ts';
import { Data, isObject, type Json, type JsonObject } from '#local/workflow/json.ts';
import type { TaskCall } from '#local/workflow/scene.ts';
import { machineArn } from './arn.ts';
import type { ExecutionRow, ExecutionStore } from './execution-store.ts';
import type { TaskMode } from './integrations/find.ts';
import { largeMembers, smallMembers } from './integrations/member-case.ts';
import { redriveStatus } from './status-event.ts';

interface Wait {
  readonly execution: Execution;
  readonly call: TaskCall;
  readonly mode: TaskMode;
}

/** The `.sync` tasks: each waits for the execution or the ECS task that it started. */
export class SyncWaits {
  readonly #cloud: Cloud;
  readonly #executions: ExecutionStore;
  readonly #waits = new Map<string, Wait>();

  constructor(cloud: Cloud, executions: ExecutionStore) {
    this.#cloud = cloud;
    this.#executions = executions;
  }

  /** Waits for what a task started; looks at once, as it may have ended meanwhile. */
  add(execution: Execution, call: TaskCall, mode: TaskMode, submitted: JsonObject): void {
    const wait = { execution, call, mode };
    if (call.task.resourceType === 'states') {
      const arn = submitted['ExecutionArn'] as string;
      this.#waits.set(arn, wait);
      const row = this.#executions.get(arn);
      if (row.status !== 'RUNNING') this.executionEnded(row);
      return;
    }
    for (const task of (submitted['Tasks'] ?? []) as JsonObject[]) {
      const arn = task['TaskArn'] as string;
      this.#waits.set(arn, wait);
      void this.#lookAtTask(arn, task['ClusterArn'] as string | undefined, wait);
    }
  }

  /** Settles the task that waits for an execution, once the present transaction is over. */
  executionEnded(row: ExecutionRow): void {
    const arn = this.#executions.arn(row);
    const wait = this.#waits.get(arn);
    if (!wait) return;
    this.#waits.delete(arn);
    setImmediate(() => this.#settle(wait, this.#outcomeOf(row, wait.mode)));
  }

  /** Takes in the event of an ECS task. */
  serviceEvent({ source, detail }: ServiceEvent): void {
    if (source !== 'aws.ecs' || !isObject(detail) || detail['lastStatus'] !== 'STOPPED') return;
    const arn = detail['taskArn'] as string;
    const wait = this.#waits.get(arn);
    if (!wait) return;
    this.#waits.delete(arn);
    setImmediate(() => this.#settle(wait, taskOutcome(detail)));
  }

  /** Stops what tasks started that nobody waits for any more: a state's, or all of an execution. */
  cancel(execution: Execution, thread?: string): void {
    for (const [arn, wait] of this.#waits) {
      if (wait.execution !== execution || (thread !== undefined && wait.call.thread !== thread))
        continue;
      this.#waits.delete(arn);
      // Best effort, as on AWS, and not within the transaction that ends the task.
      setImmediate(() => void this.#stop(arn, wait).catch(() => undefined));
    }
  }

  #settle({ execution, call }: Wait, outcome: TaskOutcome): void {
    execution.settle(call.thread, call.task.seq, outcome);
  }

  async #stop(arn: string, { call }: Wait): Promise<void> {
    const principal = {
      kind: 'role' as const,
      roleArn: call.task.roleArn ?? call.facts.roleArn,
      sessionName: call.facts.name,
      tags: {},
    };
    if (call.task.resourceType === 'states') {
      await this.#cloud.call({
        service: 'states',
        action: 'StopExecution',
        input: { executionArn: arn },
        principal,
      });
      return;
    }
    const parameters = smallMembers(call.task.parameters.value) as JsonObject;
    const input = {
      cluster: parameters['cluster'],
      task: arn,
      reason: 'The Step Functions task ended.',
    };
    await this.#cloud.call({ service: 'ecs', action: 'StopTask', input, principal });
  }

  async #lookAtTask(arn: string, cluster: string | undefined, wait: Wait): Promise<void> {
    const { call } = wait;
    const answer = await this.#cloud
      .call<{ tasks?: JsonObject[] }>({
        service: 'ecs',
        action: 'DescribeTasks',
        input: { ...(cluster === undefined ? {} : { cluster }), tasks: [arn] },
        principal: {
          kind: 'role',
          roleArn: call.facts.roleArn,
          sessionName: call.facts.name,
          tags: {},
        },
      })
      .catch(() => undefined);
    const task = answer?.tasks?.[0];
    if (task) this.serviceEvent({ source: 'aws.ecs', detailType: '', resources: [], detail: task });
  }

  #outcomeOf(row: ExecutionRow, mode: TaskMode): TaskOutcome {
    const described: JsonObject = {
      ExecutionArn: this.#executions.arn(row),
      Input: row.input,
      InputDetails: { Included: true },
      Name: row.name,
      ...(row.output === null ? {} : { Output: row.output, OutputDetails: { Included: true } }),
      ...(row.error === null ? {} : { Error: row.error }),
      ...(row.cause === null ? {} : { Cause: row.cause }),
      RedriveCount: 0,
      ...(largeMembers(redriveStatus(row)) as JsonObject),
      StartDate: row.started,
      StateMachineArn: machineArn(this.#cloud, row.machine),
      Status: row.status,
      StopDate: row.stopped,
    };
    if (row.status !== 'SUCCEEDED') {
      return { kind: 'failed', error: 'States.TaskFailed', cause: JSON.stringify(described) };
    }
    if (mode === 'sync') return { kind: 'succeeded', output: Data.of(described) };
    const parsed = {
      Input: JSON.parse(row.input) as Json,
      Output: JSON.parse(row.output ?? 'null') as Json,
    };
    return { kind: 'succeeded', output: Data.of({ ...described, ...parsed }) };
  }
}

/** How an ECS task that stopped ends its Step Functions task: all containers must have exited with 0. */
function taskOutcome(detail: JsonObject): TaskOutcome {
  const task = largeMembers(detail);
  const containers = (detail['containers'] ?? []) as JsonObject[];
  if (containers.every((container) => container['exitCode'] === 0))
    return { kind: 'succeeded', output: Data.of(task) };
  return { kind: 'failed', error: 'States.TaskFailed', cause: JSON.stringify(task) };
}
