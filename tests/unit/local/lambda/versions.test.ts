import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  GetAliasCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { functionFolder, functionProperties, type Put } from './function-cloud.ts';

let folder: ReturnType<typeof functionFolder>;
beforeEach(() => {
  folder = functionFolder();
});
afterEach(() => folder.clear());

const FunctionName = 'stack-Worker';
const answering = (text: string) =>
  folder.asset({ 'index.js': `exports.handler = async () => ${JSON.stringify(text)};` });

/** What a deployment of the function makes: a version for each logical id, an alias on it. */
const deployment = (asset: string, version: string) => async (put: Put) => {
  await put('AWS::Lambda::Function', 'Worker', functionProperties(), asset);
  const { attributes } = await put('AWS::Lambda::Version', version, { FunctionName });
  await put('AWS::Lambda::Alias', 'Live', {
    FunctionName,
    Name: 'live',
    FunctionVersion: attributes.Version,
  });
};

async function answerOf(client: LambdaClient, Qualifier?: string) {
  const answer = await client.send(new InvokeCommand({ FunctionName, Qualifier }));
  return [JSON.parse(Buffer.from(answer.Payload ?? []).toString()), answer.ExecutedVersion];
}

describe('versions', () => {
  it('keep their code when the function gets new code, also after a restart', async () => {
    const first = await folder.cloud();
    const put = first.put;
    const asset = answering('old');
    await deployment(asset, 'V1')(put);
    const client = new LambdaClient(first.client);
    expect(await answerOf(client, 'live')).toEqual(['old', '1']);
    await deployment(answering('new'), 'V2')(put);
    expect(await answerOf(client)).toEqual(['new', '$LATEST']);
    expect(await answerOf(client, 'live')).toEqual(['new', '2']);
    expect(await answerOf(client, '1')).toEqual(['old', '1']);
    await first.close();

    const second = await folder.cloud();
    expect(await answerOf(new LambdaClient(second.client), '1')).toEqual(['old', '1']);
    expect(await answerOf(new LambdaClient(second.client), 'live')).toEqual(['new', '2']);
  });

  it('stay the same when the same template is loaded again', async () => {
    const cloud = await folder.cloud();
    const client = new LambdaClient(cloud.client);
    const asset = answering('same');
    await deployment(asset, 'V1')(cloud.put);
    await deployment(asset, 'V1')(cloud.put);
    await deployment(asset, 'V2')(cloud.put);
    const { Versions } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1']);
  });

  it('swap the code while an event is at work, which ends on the old code', async () => {
    const cloud = await folder.cloud();
    const client = new LambdaClient(cloud.client);
    const slow = folder.asset({
      'index.js': `exports.handler = () => new Promise((r) => setTimeout(() => r('old'), 300));`,
    });
    await cloud.put('AWS::Lambda::Function', 'Worker', functionProperties(), slow);
    const old = answerOf(client);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await cloud.put('AWS::Lambda::Function', 'Worker', functionProperties(), answering('new'));
    expect(await answerOf(client)).toEqual(['new', '$LATEST']);
    expect(await old).toEqual(['old', '$LATEST']);
  });

  it('are gone with the resource that made them', async () => {
    const cloud = await folder.cloud();
    const client = new LambdaClient(cloud.client);
    await deployment(answering('old'), 'V1')(cloud.put);
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}:1`;
    await cloud.cloud.providers().get('AWS::Lambda::Version')?.remove?.(arn, cloud.cloud);
    await expect(answerOf(client, '1')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}:1`,
    });
  });
});

describe('functions', () => {
  it('are listed with their aliases and policies', async () => {
    const cloud = await folder.cloud();
    const client = new LambdaClient(cloud.client);
    await deployment(answering('x'), 'V1')(cloud.put);
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}:live`;
    await cloud.put('AWS::Lambda::Permission', 'Permit', {
      Action: 'lambda:InvokeFunction',
      FunctionName: arn,
      Principal: 'events.amazonaws.com',
      SourceArn: 'arn:aws:events:us-east-1:000000000000:rule/minute',
    });
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    expect(Functions?.map((one) => one.FunctionName)).toEqual([FunctionName]);
    const { Aliases } = await client.send(new ListAliasesCommand({ FunctionName }));
    expect(Aliases).toMatchObject([{ Name: 'live', FunctionVersion: '1', AliasArn: arn }]);
    const alias = await client.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
    expect(alias.FunctionVersion).toBe('1');
    const { Policy } = await client.send(new GetPolicyCommand({ FunctionName, Qualifier: 'live' }));
    expect(JSON.parse(Policy ?? '').Statement).toEqual([
      {
        Sid: 'stack-Permit',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: arn,
        Condition: {
          ArnLike: { 'AWS:SourceArn': 'arn:aws:events:us-east-1:000000000000:rule/minute' },
        },
      },
    ]);
    expect(cloud.lambda.resourcePolicy?.(arn)).toBeDefined();
    await expect(client.send(new GetPolicyCommand({ FunctionName }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it.each([
    ['a runtime that is not Node', { Runtime: 'python3.13' }],
    ['layers', { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:x:1'] }],
    ['an image', { Code: { ImageUri: 'image' }, PackageType: 'Image' }],
    ['reserved variables', { Environment: { Variables: { AWS_REGION: 'x' } } }],
    ['5 KB of variables', { Environment: { Variables: { LARGE: 'x'.repeat(5000) } } }],
    ['a timeout of an hour', { Timeout: 3600 }],
    ['a dead-letter queue', { DeadLetterConfig: { TargetArn: 'x' } }],
  ])('are refused with %s', async (_what, properties) => {
    const cloud = await folder.cloud();
    const asset = answering('x');
    await expect(
      cloud.put('AWS::Lambda::Function', 'Worker', functionProperties(properties), asset),
    ).rejects.toThrow();
  });
});
