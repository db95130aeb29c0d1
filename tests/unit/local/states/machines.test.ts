import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  ListStateMachinesCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { makeResource } from '#tests/support/make-resource.ts';
import {
  ended,
  jsonata,
  PASS,
  started,
  statesCloud,
  type StatesCloud,
} from '#tests/support/states-cloud.ts';

let cloud: StatesCloud;
beforeEach(async () => {
  cloud = await statesCloud();
});
afterEach(() => cloud.close());

const giving = (output: unknown) => jsonata({ Give: { ...PASS, Output: output } });

/** The state machine with this output, its published version, and the alias `live` on that version. */
async function deployed(output: unknown) {
  const arn = await cloud.machine(giving(output));
  const { revisionId } = await cloud.sfn.send(
    new DescribeStateMachineCommand({ stateMachineArn: arn }),
  );
  const version = await makeResource(
    cloud.cloud,
    'AWS::StepFunctions::StateMachineVersion',
    'Version',
    {
      StateMachineArn: arn,
      StateMachineRevisionId: revisionId,
    },
  );
  const alias = await makeResource(cloud.cloud, 'AWS::StepFunctions::StateMachineAlias', 'Alias', {
    Name: 'live',
    RoutingConfiguration: [{ StateMachineVersionArn: version.ref, Weight: 100 }],
  });
  return { arn, version: version.ref, alias: alias.ref };
}

describe('a state machine', () => {
  test('replaces its substitutions inside strings', async () => {
    const arn = await cloud.machine(giving('${Greeting} ${Unknown}'), {
      DefinitionSubstitutions: { Greeting: 'say "hi"' },
    });
    const { executionArn } = await started(cloud.sfn, arn);
    expect((await ended(cloud.sfn, executionArn)).output).toBe(
      JSON.stringify('say "hi" ${Unknown}'),
    );
  });

  test('is refused with the words of AWS when its definition is wrong', async () => {
    const missing = jsonata({ A: { Type: 'Pass', Next: 'B' } });
    await expect(cloud.machine(missing)).rejects.toMatchObject({
      name: 'InvalidDefinition',
      message: `Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: "B" at /States/A/Next'`,
    });
  });

  test('is refused by name where the local cloud does not follow AWS', async () => {
    await expect(cloud.machine(giving(1), { StateMachineType: 'EXPRESS' })).rejects.toThrow(
      'EXPRESS',
    );
    const map = {
      Type: 'Map',
      End: true,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        ...giving(1),
      },
    };
    await expect(cloud.machine(jsonata({ Map: map }))).rejects.toThrow('DISTRIBUTED');
    const task = (Resource: string) => jsonata({ Do: { Type: 'Task', Resource, End: true } });
    await expect(
      cloud.machine(task('arn:aws:states:us-east-1:000000000000:activity:x')),
    ).rejects.toThrow('activities');
    await expect(cloud.machine(task('arn:aws:states:::sns:publish'))).rejects.toThrow(
      'sns:publish',
    );
    await expect(cloud.machine(giving(1), { Surprise: 1 })).rejects.toThrow('Surprise');
  });

  test('is described and listed', async () => {
    const arn = await cloud.machine(giving(1));
    const described = await cloud.sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: arn }),
    );
    expect(described).toMatchObject({
      name: 'machine',
      status: 'ACTIVE',
      type: 'STANDARD',
      definition: JSON.stringify(giving(1)),
    });
    const { stateMachines } = await cloud.sfn.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map(({ stateMachineArn }) => stateMachineArn)).toEqual([arn]);
  });

  test('gets a new version for each revision, which its alias and its callers may name', async () => {
    const first = await deployed('one');
    expect((await deployed('one')).version).toBe(first.version);
    const second = await deployed('two');
    expect([first.version, second.version]).toEqual([`${first.arn}:1`, `${first.arn}:2`]);
    for (const [target, output] of [
      [first.version, '"one"'],
      [first.alias, '"two"'],
      [first.arn, '"two"'],
    ] as const) {
      const { executionArn } = await started(cloud.sfn, target);
      expect((await ended(cloud.sfn, executionArn)).output).toBe(output);
    }
    const { executionArn } = await started(cloud.sfn, second.alias);
    const described = await cloud.sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({
      stateMachineArn: first.arn,
      stateMachineVersionArn: second.version,
      stateMachineAliasArn: second.alias,
    });
    const versions = await cloud.sfn.send(
      new ListStateMachineVersionsCommand({ stateMachineArn: first.arn }),
    );
    expect(versions.stateMachineVersions?.map((v) => v.stateMachineVersionArn)).toEqual([
      second.version,
      first.version,
    ]);
    const aliases = await cloud.sfn.send(
      new ListStateMachineAliasesCommand({ stateMachineArn: first.arn }),
    );
    expect(aliases.stateMachineAliases?.map((a) => a.stateMachineAliasArn)).toEqual([first.alias]);
    const alias = await cloud.sfn.send(
      new DescribeStateMachineAliasCommand({ stateMachineAliasArn: first.alias }),
    );
    expect(alias.routingConfiguration).toEqual([
      { stateMachineVersionArn: second.version, weight: 100 },
    ]);
  });

  test('that changes leaves running executions on the definition they began with', async () => {
    const wait = jsonata({ Wait: { Type: 'Wait', Seconds: 600, End: true } });
    const { executionArn } = await started(cloud.sfn, await cloud.machine(wait));
    await cloud.machine(giving(2));
    const described = await cloud.sfn.send(
      new DescribeStateMachineForExecutionCommand({ executionArn }),
    );
    expect(described.definition).toBe(JSON.stringify(wait));
  });

  test('is validated without being made', async () => {
    const good = await cloud.sfn.send(
      new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(giving(1)) }),
    );
    expect(good).toMatchObject({ result: 'OK', diagnostics: [] });
    const bad = await cloud.sfn.send(
      new ValidateStateMachineDefinitionCommand({ definition: '{}' }),
    );
    expect(bad.diagnostics?.[0]?.message).toBe('These fields are required: [States, StartAt]');
  });
});
