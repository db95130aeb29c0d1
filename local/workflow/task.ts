import { randomBytes } from 'node:crypto';
import type { TaskState } from './definition.ts';
import { typeName } from './fail.ts';
import { Data, isObject, type Json } from './json.ts';
import { evaluateTemplate } from './jsonata.ts';
import { argumentsOf, dataLimit, leave, numberField } from './leave-state.ts';
import { fillTemplate } from './payload-template.ts';
import type { Scene, StateKind } from './scene.ts';
import { queryFailure, runtimeFailure } from './state-failure.ts';

/** The longest TimeoutSeconds and HeartbeatSeconds that AWS takes. */
const MAX_SECONDS = 99_999_999;

/** Lets a service do work: what goes out is kept in an event before it goes. */
export const task: StateKind = {
  async enter(given) {
    const scene = given as Scene<TaskState>;
    const target = targetOf(scene.state.Resource);
    if (target.resource.endsWith('.waitForTaskToken')) scene.token = newToken();
    const parameters = Data.of(await argumentsOf(scene));
    const timeout = await secondsField(scene, 'TimeoutSeconds');
    const heartbeat = await secondsField(scene, 'HeartbeatSeconds');
    const roleArn = await roleOf(scene);
    if (parameters.tooLarge) throw dataLimit(scene.thread.stateName);
    const direct = target.resourceType === undefined;
    const timing = {
      ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
      ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
      ...(roleArn === undefined ? {} : { taskCredentials: { roleArn } }),
    };
    const scheduled = scene.draft(direct ? 'LambdaFunctionScheduled' : 'TaskScheduled', {
      data: parameters,
      details: direct
        ? { resource: target.resource, ...timing }
        : {
            resourceType: target.resourceType as string,
            resource: target.resource,
            region: scene.facts.region,
            ...timing,
          },
      extra: {
        ...(scene.token === undefined ? {} : { token: scene.token }),
        ...(roleArn === undefined ? {} : { roleArn }),
        ...(timeout === undefined ? {} : { timeoutAt: scene.now + timeout * 1000 }),
        ...(heartbeat === undefined ? {} : { heartbeatAt: scene.now + heartbeat * 1000 }),
      },
    });
    return [scheduled, started(scene)];
  },

  finish(scene) {
    const result = scene.thread.result?.value ?? null;
    const next = scene.state.End ? undefined : scene.state.Next;
    const { ResultSelector } = scene.state;
    if (scene.jsonata || ResultSelector === undefined) return leave(scene, { next, result });
    return leave(scene, { next, result: fillTemplate(ResultSelector, scene.sources(result)) });
  },
};

/** The event after which the task is out of the interpreter's hands. */
export function started(scene: Scene<TaskState>) {
  const { resourceType, resource } = targetOf(scene.state.Resource);
  if (resourceType === undefined) return scene.draft('LambdaFunctionStarted');
  return scene.draft('TaskStarted', { details: { resourceType, resource } });
}

/**
 * What a Task's Resource names: `arn:aws:states:::lambda:invoke.waitForTaskToken` is
 * `invoke.waitForTaskToken` of `lambda`; a Lambda function's own ARN has no resource type.
 */
export function targetOf(arn: string): { resourceType: string | undefined; resource: string } {
  const parts = arn.split(':');
  if (parts[2] !== 'states' || parts[5] === 'activity')
    return { resourceType: undefined, resource: arn };
  const types = parts[5] === 'aws-sdk' ? 2 : 1;
  return {
    resourceType: parts.slice(5, 5 + types).join(':'),
    resource: parts.slice(5 + types).join(':'),
  };
}

function newToken(): string {
  return `AQ${randomBytes(48).toString('base64url')}`;
}

async function secondsField(
  scene: Scene<TaskState>,
  field: 'TimeoutSeconds' | 'HeartbeatSeconds',
): Promise<number | undefined> {
  const value = await numberField(scene, field);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_SECONDS)
    return value;
  const shown = JSON.stringify(value);
  if (scene.jsonata) {
    throw queryFailure(
      `The ${field} field must be an integer from 1 to ${MAX_SECONDS}, but was '${typeName(value)}' for value: ${shown}`,
      field,
    );
  }
  throw runtimeFailure(
    `The ${field}Path parameter does not reference a valid positive integer: ${shown}`,
  );
}

async function roleOf(scene: Scene<TaskState>): Promise<string | undefined> {
  const { Credentials } = scene.state;
  if (Credentials === undefined) return undefined;
  const filled: Json = scene.jsonata
    ? await evaluateTemplate(Credentials, scene.bindings(), 'Credentials')
    : fillTemplate(Credentials, scene.sources(scene.thread.input.value));
  const roleArn = isObject(filled) ? filled['RoleArn'] : undefined;
  if (typeof roleArn === 'string') return roleArn;
  throw runtimeFailure('The RoleArn of the field Credentials must be a string.');
}
