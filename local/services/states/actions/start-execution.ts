import { randomInt, randomUUID } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { MAX_DATA_BYTES } from '#local/workflow/json.ts';
import { machineArn, machineReference, onMachine } from '../arn.ts';
import { noMachine, type Revision } from '../machine-store.ts';
import { inSeconds, invalidRequest, type StatesContext } from '../states-context.ts';

interface Input {
  readonly stateMachineArn?: string;
  readonly name?: string;
  /** JSON. @default '{}' */
  readonly input?: string;
  readonly traceHeader?: string;
}

interface Target extends Revision {
  readonly machine: string;
  readonly versionArn: string | null;
  readonly aliasArn: string | null;
}

/** Starts an execution. The same name with the same input while it runs gives the same answer. */
export const startExecution = (states: StatesContext): Action<Input> => ({
  authorize: ({ stateMachineArn }, { cloud }) =>
    onMachine(cloud, 'StartExecution', stateMachineArn),
  run(request, { cloud }) {
    const target = targetOf(states, request.stateMachineArn);
    const name = checkedName(request.name ?? randomUUID());
    const input = checkedInput(request.input ?? '{}');
    const { executions, engine } = states;
    const known = executions.find(target.machine, name);
    if (known?.status === 'RUNNING' && known.input === input) {
      return { executionArn: executions.arn(known), startDate: inSeconds(known.started) };
    }
    if (known) {
      const arn = executions.arn(known);
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const started = cloud.now();
    const { machine, digest, roleArn, versionArn, aliasArn } = target;
    const trace = request.traceHeader ?? null;
    const id = executions.insert({
      machine,
      name,
      digest,
      roleArn,
      versionArn,
      aliasArn,
      input,
      trace,
      started,
    });
    const row = executions.byId(id);
    if (row) engine.start(row);
    return { executionArn: executions.arn({ machine, name }), startDate: inSeconds(started) };
  },
});

/** The revision that an ARN stands for: the latest, a version, or one of an alias's by its weight. */
function targetOf(states: StatesContext, arn: unknown): Target {
  const { cloud, machines } = states;
  const { name, qualifier } = machineReference(arn);
  const machine = machines.get({ name });
  const plain = {
    machine: name,
    digest: machine.digest,
    roleArn: machine.roleArn,
    versionArn: null,
    aliasArn: null,
  };
  if (qualifier === undefined) return plain;
  if (/^\d+$/.test(qualifier)) return versionTarget(states, name, Number(qualifier), null);
  const alias = machines.alias(name, qualifier);
  const aliasArn = machineArn(cloud, name, qualifier);
  if (!alias) throw noMachine(aliasArn);
  let draw = randomInt(100);
  const route = alias.routes.find(({ weight }) => (draw -= weight) < 0) ?? alias.routes[0];
  const number = Number(machineReference(route?.stateMachineVersionArn).qualifier);
  return versionTarget(states, name, number, aliasArn);
}

function versionTarget(
  { cloud, machines }: StatesContext,
  name: string,
  number: number,
  aliasArn: string | null,
): Target {
  const versionArn = machineArn(cloud, name, number);
  const version = machines.version(name, number);
  if (!version) throw noMachine(versionArn);
  return { machine: name, digest: version.digest, roleArn: version.roleArn, versionArn, aliasArn };
}

function checkedName(name: string): string {
  // No white space, no brackets, wildcards, or characters that mean something in an ARN or a URL.

  if (
    name.length <= 80 &&
    name !== '' &&
    !/[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.test(name)
  )
    return name;
  throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

function checkedInput(input: string): string {
  if (Buffer.byteLength(input) > MAX_DATA_BYTES) {
    throw invalidRequest(
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${MAX_DATA_BYTES}`,
    );
  }
  try {
    JSON.parse(input);
    return input;
  } catch (error) {
    throw new AwsError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}
