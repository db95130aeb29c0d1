import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import validate from 'asl-validator';
import { isErrorCode } from '#shared/errors/error-codes.ts';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly TimeoutSeconds?: unknown;
  readonly HeartbeatSeconds?: unknown;
  readonly Arguments?: {
    readonly FunctionName: string;
    readonly Payload?: Record<string, unknown>;
  };
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly ItemProcessor?: Machine;
}

interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const text = readFileSync('step-functions/run/definition.asl.json', 'utf8');
const definition = JSON.parse(text) as Machine;

const machines = (machine: Machine): Machine[] => [
  machine,
  ...Object.values(machine.States).flatMap((state) =>
    state.ItemProcessor ? machines(state.ItemProcessor) : [],
  ),
];
const states = machines(definition).flatMap((machine) => Object.entries(machine.States));
const tasks = states.filter(([, state]) => state.Type === 'Task');

const nextOf = (state: State): string[] => [
  ...(state.Next ? [state.Next] : []),
  ...(state.Default ? [state.Default] : []),
  ...(state.Choices ?? []).map((choice) => choice.Next),
  ...(state.Catch ?? []).map((catcher) => catcher.Next),
];

describe('the state machine run', () => {
  it('is valid', () => {
    expect(validate(definition as never)).toMatchObject({ isValid: true, errors: [] });
  });

  it('names exactly the substitutions that the template gives', () => {
    const named = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    expect([...named].sort()).toEqual([
      'AskApproval',
      'CarryOutAction',
      'ChooseActions',
      'JudgeActions',
      'StartSandboxJob',
    ]);
  });

  it.each(tasks)('%s has a time limit and catches every error', (_name, state) => {
    expect(state.TimeoutSeconds).toBeDefined();
    expect(state.Catch?.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('States.ALL');
  });

  it.each(tasks.filter(([, { Resource }]) => Resource?.endsWith('.waitForTaskToken')))(
    '%s hands its callback token on, and waits for a heartbeat unless it waits for a person',
    (_name, state) => {
      expect(JSON.stringify(state.Arguments)).toContain('$states.context.Task.Token');
      const waitsForPerson = state.Arguments?.FunctionName === '${AskApproval}';
      expect(state.HeartbeatSeconds !== undefined).toBe(!waitsForPerson);
    },
  );

  it('matches only errors that exist', () => {
    const named = states.flatMap(([, { Retry = [], Catch = [] }]) =>
      [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    const unknown = named.filter(
      (name) => !/^(States|Lambda|Runtime)\./.test(name) && !isErrorCode(name),
    );
    expect(unknown).toEqual([]);
  });

  it.each(machines(definition).map((machine) => [machine.StartAt, machine] as const))(
    'reaches every state from %s',
    (start, machine) => {
      const reached = new Set<string>();
      const visit = (name: string): void => {
        if (reached.has(name)) return;
        reached.add(name);
        const state = machine.States[name];
        expect(state).toBeDefined();
        if (state) nextOf(state).forEach(visit);
      };
      visit(start);
      expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());
    },
  );
});
