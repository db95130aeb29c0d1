import { randomUUID } from 'node:crypto';
import { notServed } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Principal } from '#local/kernel/service.ts';
import type { Execution, TaskOutcome } from '#local/workflow/execution.ts';
import { Data, isObject, type JsonObject } from '#local/workflow/json.ts';
import type { TaskCall } from '#local/workflow/scene.ts';
import { failureOf, lostAnswer } from './integrations/failure.ts';
import { findIntegration, type TaskMode } from './integrations/find.ts';
import { withMetadata, type Integration } from './integrations/integration.ts';
import { functionResult, OPTIMIZED } from './integrations/optimized.ts';
import type { SyncWaits } from './sync-waits.ts';

/** Carries out the tasks of executions by calling other services under the state machine's role. */
export class TaskRunner {
  readonly #cloud: Cloud;
  readonly #waits: SyncWaits;

  constructor(cloud: Cloud, waits: SyncWaits) {
    this.#cloud = cloud;
    this.#waits = waits;
  }

  /** Makes the call; the outcome goes to `execution.settle`. */
  async run(execution: Execution, call: TaskCall): Promise<void> {
    const { resourceType, resource, seq } = call.task;
    const found = integrationOf(resourceType, resource);
    if (!found) {
      const outcome = failureOf(
        notServed(`the integration ${resourceType}:${resource}`),
        'States',
        { sdk: 2, service: 'States' },
        '',
      );
      execution.settle(call.thread, seq, outcome);
      return;
    }
    const outcome = await this.#outcome(found.integration, found.mode, call);
    const waits = outcome.kind === 'submitted' && found.mode !== 'token';
    if (!execution.settle(call.thread, seq, outcome) || !waits) return;
    this.#waits.add(execution, call, found.mode, outcome.output.value as JsonObject);
  }

  /** Ends a task whose answer was lost with the process, or goes on waiting for what it started. */
  pickUp(execution: Execution, call: TaskCall): void {
    const { resourceType, resource, seq, submitted } = call.task;
    const found = integrationOf(resourceType, resource);
    if (!submitted) {
      execution.settle(
        call.thread,
        seq,
        lostAnswer(resourceType, found?.integration.errorPrefix ?? 'States'),
      );
    } else if (found && found.mode !== 'token') {
      this.#waits.add(execution, call, found.mode, submitted.value as JsonObject);
    }
  }

  async #outcome(integration: Integration, mode: TaskMode, call: TaskCall): Promise<TaskOutcome> {
    const requestId = randomUUID();
    const { service, action } = integration;
    try {
      const principal = await this.#principal(call);
      const parameters = call.task.parameters.value;
      const input = integration.input(isObject(parameters) ? parameters : {}, call);
      const answer = await this.#cloud.call<JsonObject | undefined>({
        service,
        action,
        input,
        principal,
      });
      const output = integration.output(answer ?? {});
      const direct =
        call.task.resourceType === 'lambda-arn' || call.task.resourceType.startsWith('aws-sdk:');
      const told = direct || !isObject(output) ? output : withMetadata(output, requestId);
      return { kind: mode === 'answer' ? 'succeeded' : 'submitted', output: Data.of(told) };
    } catch (error) {
      return failureOf(error, integration.errorPrefix, integration.errors, requestId);
    }
  }

  /** The state machine's role, or the role of the task's Credentials once it may be assumed. */
  async #principal({ facts, task }: TaskCall): Promise<Principal> {
    const own: Principal = {
      kind: 'role',
      roleArn: facts.roleArn,
      sessionName: facts.name,
      tags: {},
    };
    if (task.roleArn === undefined) return own;
    await this.#cloud.call({
      service: 'sts',
      action: 'AssumeRole',
      input: { RoleArn: task.roleArn, RoleSessionName: facts.name },
      principal: own,
    });
    return { ...own, roleArn: task.roleArn };
  }
}

function integrationOf(resourceType: string, resource: string) {
  return resourceType === 'lambda-arn'
    ? { integration: directFunction(resource), mode: 'answer' as const }
    : findIntegration(resourceType, resource);
}

/** A Task whose Resource is a function's own ARN: its parameters are the event, its payload the result. */
function directFunction(arn: string): Integration {
  return {
    ...(OPTIMIZED['lambda:invoke'] as Integration),
    input: (_, call) => ({ FunctionName: arn, Payload: call.task.parameters.text }),
    output: (answer) => functionResult(answer)['Payload'] ?? null,
  };
}
