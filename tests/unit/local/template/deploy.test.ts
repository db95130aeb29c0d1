import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import type { ResourceProvider, ResourceRequest } from '#local/kernel/service.ts';
import { readAssembly, type Template } from '#local/template/assembly.ts';
import { deploy } from '#local/template/deploy.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { writeAssembly } from '#tests/support/assembly.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** A cloud whose one service makes `Test::Thing::Made` and remembers what it was told. */
function thingCloud(database = new Database(':memory:')) {
  const cloud = new Cloud({ database, authorizer: { check: () => '' }, stateFolder: '.' });
  const made: ResourceRequest[] = [];
  const removed: string[] = [];
  const provider: ResourceProvider = {
    type: 'Test::Thing::Made',
    upsert(resource) {
      const { Name, Fails } = takeProperties(resource, {
        served: ['Name', 'Of', 'Fails'],
        inert: ['Colour'],
      }) as { Name?: string; Fails?: boolean };
      if (Fails) throw new Error('the provider fails');
      made.push(resource);
      const ref = Name ?? resource.defaultName;
      return { ref, attributes: { Arn: cloud.arn('thing', ref) } };
    },
    remove: (ref) => {
      removed.push(ref);
    },
  };
  cloud.register({ name: 'thing', actions: {}, resources: [provider] });
  return {
    cloud,
    made,
    removed,
    deploy: (
      stacks: Record<string, Partial<Template>>,
      parameters: Record<string, string> = {},
    ) => {
      const folder = writeAssembly(stacks);
      folders.push(folder);
      return deploy(cloud, readAssembly(folder), parameters);
    },
  };
}

const thing = (Properties: Record<string, unknown> = {}, more: object = {}) => ({
  Type: 'Test::Thing::Made',
  Properties,
  ...more,
});

describe('a load', () => {
  it('makes each resource after what it refers to or depends on', async () => {
    const { deploy, made } = thingCloud();

    await deploy({
      s: {
        Resources: {
          A: thing({ Of: { 'Fn::GetAtt': ['C', 'Arn'] } }),
          B: thing({}, { DependsOn: ['A'] }),
          C: thing({ Of: { 'Fn::Sub': '${D}' } }),
          D: thing(),
        },
      },
    });

    expect(made.map(({ logicalId }) => logicalId)).toEqual(['D', 'C', 'A', 'B']);
    expect(made[2]?.properties['Of']).toBe('arn:aws:thing:us-east-1:000000000000:s-C');
    expect(made[0]?.assetPath('abc.zip')).toMatch(/asset\.abc$/);
    expect(made[0]?.imageFolder?.('000000000000.dkr.ecr/assets:def')).toMatch(/asset\.def$/);
  });

  it('hands exports from stack to stack and answers the outputs of all', async () => {
    const { deploy, made } = thingCloud();

    const { outputs } = await deploy({
      first: {
        Resources: { A: thing({ Name: 'a' }) },
        Outputs: { A: { Value: { Ref: 'A' }, Export: { Name: 'first:A' } } },
      },
      second: {
        Resources: { B: thing({ Name: { 'Fn::ImportValue': 'first:A' } }) },
        Outputs: { B: { Value: { 'Fn::GetAtt': ['B', 'Arn'] } } },
      },
    });

    expect(made[1]?.properties['Name']).toBe('a');
    expect(outputs).toEqual({ A: 'a', B: 'arn:aws:thing:us-east-1:000000000000:a' });
  });

  it('takes given parameters before their defaults', async () => {
    const { deploy, made } = thingCloud();
    const stack = {
      Parameters: {
        Name: { Type: 'String', Default: 'default' },
        Zones: { Type: 'CommaDelimitedList', Default: 'a, b' },
        Unused: { Type: 'AWS::SSM::Parameter::Value<String>' },
      },
      Resources: { A: thing({ Name: { Ref: 'Name' }, Of: { Ref: 'Zones' } }) },
    };

    await deploy({ s: stack });
    await deploy({ s: stack }, { Name: 'given' });

    expect(made.map(({ properties }) => properties['Name'])).toEqual(['default', 'given']);
    expect(made[0]?.properties['Of']).toEqual(['a', 'b']);
    await expect(deploy({ s: stack }, { Nmae: 'x' })).rejects.toThrow(
      'no stack has the parameter Nmae',
    );
  });

  it.each<[string, Template['Parameters'], string]>([
    ['without a value', { Name: { Type: 'String' } }, 'needs the parameter Name'],
    ['that AWS looks up', { Name: { Type: 'AWS::SSM::Parameter::Value<String>' } }, 'AWS::SSM'],
  ])('refuses a parameter %s', async (_what, Parameters, why) => {
    const { deploy } = thingCloud();
    const Resources = { A: thing({ Name: { Ref: 'Name' } }) };

    await expect(deploy({ s: { Parameters, Resources } })).rejects.toThrow(why);
  });

  it('makes a resource only where its condition holds', async () => {
    const { deploy, made } = thingCloud();

    await deploy({
      s: {
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Resources: { A: thing({}, { Condition: 'Never' }), B: thing() },
      },
    });

    expect(made.map(({ logicalId }) => logicalId)).toEqual(['B']);
  });

  it('names every type that it does not know before it makes anything', async () => {
    const { deploy, made } = thingCloud();
    const load = deploy({
      s: { Resources: { A: thing(), B: { Type: 'Custom::Thing' }, C: { Type: 'AWS::New::Type' } } },
    });

    await expect(load).rejects.toMatchObject({ name: 'NotServedLocally' });
    await expect(load).rejects.toThrow(
      'Custom::Thing (s/B: not in the table of types), AWS::New::Type (s/C: ',
    );
    expect(made).toEqual([]);
  });

  it('names a property that it does not know', async () => {
    const { deploy } = thingCloud();

    await expect(deploy({ s: { Resources: { A: thing({ Size: 1 }) } } })).rejects.toThrow(
      'Test::Thing::Made A: the property Size is not served.',
    );
  });

  it('lists what has no effect, and lets others refer to it', async () => {
    const { deploy, made } = thingCloud();

    const { inert } = await deploy({
      s: {
        Resources: {
          Vpc: { Type: 'AWS::EC2::VPC' },
          B: thing({ Colour: 'blue' }),
          A: thing({
            Name: { Ref: 'Vpc' },
            Of: { 'Fn::GetAtt': ['Vpc', 'VpcArn'] },
            Colour: 'red',
          }),
        },
      },
    });

    expect(inert).toEqual(['AWS::EC2::VPC s/Vpc', 'Test::Thing::Made.Colour']);
    expect(made[1]?.properties).toMatchObject({
      Name: 's-Vpc',
      Of: 'arn:aws:ec2:us-east-1:000000000000:s-Vpc',
    });
  });

  it('refuses a circle and a reference to nothing', async () => {
    const { deploy } = thingCloud();
    const circle = { A: thing({ Of: { Ref: 'B' } }), B: thing({ Of: { Ref: 'A' } }) };

    await expect(deploy({ s: { Resources: circle } })).rejects.toThrow('in a circle');
    await expect(
      deploy({ s: { Resources: { A: thing({ Of: { Ref: 'Nobody' } }) } } }),
    ).rejects.toThrow('refers to Nobody');
  });
});

describe('a later load', () => {
  it('removes what is gone, dependents first, also after a restart', async () => {
    const database = new Database(':memory:');
    await thingCloud(database).deploy({
      s: { Resources: { A: thing(), B: thing({ Of: { Ref: 'A' } }), C: thing() } },
    });

    const { deploy, removed } = thingCloud(database);
    await deploy({ s: { Resources: { C: thing() } } });
    await deploy({ s: { Resources: { C: thing() } } });

    expect(removed).toEqual(['s-B', 's-A']);
  });

  it('keeps what is to be retained', async () => {
    const { deploy, removed } = thingCloud();
    await deploy({ s: { Resources: { A: thing({}, { DeletionPolicy: 'Retain' }) } } });

    await deploy({ s: {} });

    expect(removed).toEqual([]);
  });

  it('removes a resource that was replaced, unless its policy keeps it', async () => {
    const { deploy, removed } = thingCloud();
    const load = (a: string, b: string) =>
      deploy({
        s: {
          Resources: {
            A: thing({ Name: a }),
            B: thing({ Name: b }, { UpdateReplacePolicy: 'Retain' }),
          },
        },
      });
    await load('a1', 'b1');

    await load('a2', 'b2');
    await load('a2', 'b2');

    expect(removed).toEqual(['a1']);
  });

  it('does not remove what only moved to another logical id', async () => {
    const { deploy, removed } = thingCloud();
    await deploy({ s: { Resources: { A: thing({ Name: 'same' }) } } });

    await deploy({ s: { Resources: { B: thing({ Name: 'same' }) } } });

    expect(removed).toEqual([]);
  });

  it('knows a resource again whose URL has another port since the restart', async () => {
    const database = new Database(':memory:');
    const at = (port: number) => {
      const restarted = thingCloud(database);
      restarted.cloud.endpoint = `http://127.0.0.1:${port}`;
      const load = (Resources: Template['Resources']) => restarted.deploy({ s: { Resources } });
      return { ...restarted, load, queue: thing({ Name: `${restarted.cloud.endpoint}/0/queue` }) };
    };
    const first = at(1);
    await first.load({ A: first.queue });
    const second = at(2);
    await second.load({ A: second.queue });
    const third = at(3);
    await third.load({ B: third.queue });
    const fourth = at(4);
    await fourth.load({});

    expect([...second.removed, ...third.removed]).toEqual([]);
    expect(fourth.removed).toEqual(['http://127.0.0.1:4/0/queue']);
  });

  it('knows what a load that failed half way had made', async () => {
    const { deploy, removed } = thingCloud();
    const failing = deploy({
      s: { Resources: { A: thing(), B: thing({ Fails: true }, { DependsOn: 'A' }) } },
    });
    await expect(failing).rejects.toThrow('the provider fails');

    await deploy({ s: {} });

    expect(removed).toEqual(['s-A']);
  });
});
