import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { functionFolder, functionProperties, ROLE } from './function-cloud.ts';

let folder: ReturnType<typeof functionFolder>;
beforeEach(() => {
  folder = functionFolder();
});
afterEach(() => folder.clear());

const FUNCTION = 'AWS::Lambda::Function';

/** A cloud with one function, and a way to call it as the SDK does. */
async function withHandler(
  code: string,
  properties: Record<string, unknown> = {},
  options: Parameters<ReturnType<typeof functionFolder>['cloud']>[0] = {},
) {
  const cloud = await folder.cloud(options);
  const asset = folder.asset({ 'index.js': code });
  await cloud.put(FUNCTION, 'Worker', functionProperties(properties), asset);
  const client = new LambdaClient(cloud.client);
  const invoke = async (event: unknown, more: Record<string, unknown> = {}) => {
    const answer = await client.send(
      new InvokeCommand({ FunctionName: 'stack-Worker', Payload: JSON.stringify(event), ...more }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString();
    return { ...answer, result: text === '' ? undefined : JSON.parse(text) };
  };
  return { ...cloud, client, invoke };
}

describe('Invoke', () => {
  it('answers what the handler returns', async () => {
    const { invoke } = await withHandler(`exports.handler = async (event) => ({ got: event });`);
    const answer = await invoke({ a: 'ä' });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.result).toEqual({ got: { a: 'ä' } });
  });

  it('gives the process the environment of Lambda and nothing of this machine', async () => {
    const { invoke, cloud } = await withHandler(`exports.handler = async () => process.env;`, {
      Environment: { Variables: { TABLE: 'table', COUNT: 3 } },
      MemorySize: 256,
    });
    const { result } = await invoke({});
    expect(result).toMatchObject({
      TABLE: 'table',
      COUNT: '3',
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'stack-Worker',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_SECRET_ACCESS_KEY: ROLE,
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/stack-Worker',
    });
    expect(Object.keys(result)).not.toContain('HOME');
    expect(Object.keys(result)).not.toContain('NODE_OPTIONS');
  });

  it('gives the handler its context', async () => {
    const { invoke } = await withHandler(
      `exports.handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });`,
    );
    const { result } = await invoke({});
    expect(result).toMatchObject({
      functionName: 'stack-Worker',
      functionVersion: '$LATEST',
      memoryLimitInMB: '128',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:stack-Worker',
      logGroupName: '/aws/lambda/stack-Worker',
    });
    expect(result.left).toBeGreaterThan(2000);
    expect(result.left).toBeLessThanOrEqual(3000);
  });

  it('shows a thrown error as Lambda does and keeps the process', async () => {
    const { invoke } = await withHandler(`
      class OddError extends Error { name = 'OddError' }
      exports.handler = async ({ fail }) => { if (fail) throw new OddError('odd'); return process.pid; };`);
    const { result: pid } = await invoke({});
    const failed = await invoke({ fail: true });
    expect(failed.FunctionError).toBe('Unhandled');
    expect(failed.result).toMatchObject({ errorType: 'OddError', errorMessage: 'odd' });
    expect(failed.result.trace[0]).toBe('OddError: odd');
    expect((await invoke({})).result).toBe(pid);
  });

  it('loads ECMAScript modules', async () => {
    const cloud = await folder.cloud();
    const asset = folder.asset({
      'app.mjs': `import { name } from './name.mjs'; export const main = async () => name;`,
      'name.mjs': `export const name = await Promise.resolve('module');`,
    });
    await cloud.put(FUNCTION, 'Worker', functionProperties({ Handler: 'app.main' }), asset);
    const answer = await cloud.cloud.call<{ Payload: string }>({
      service: 'lambda',
      action: 'Invoke',
      input: { FunctionName: 'stack-Worker' },
      principal: { kind: 'root' },
    });
    expect(answer.Payload).toBe('"module"');
  });

  it.each([
    ['index.missing', 'Runtime.HandlerNotFound', 'index.missing is undefined or not exported'],
    ['absent.handler', 'Runtime.ImportModuleError', "Error: Cannot find module 'absent'"],
    ['index.throws', 'TypeError', 'at load'],
  ])('says why %s cannot be loaded', async (handler, errorType, errorMessage) => {
    const code = handler === 'index.throws' ? `throw new TypeError('at load')` : '';
    const { invoke } = await withHandler(code, { Handler: handler });
    const answer = await invoke({});
    expect(answer.FunctionError).toBe('Unhandled');
    expect(answer.result).toMatchObject({ errorType, errorMessage });
  });

  it('does not let code require what lies outside its folder', async () => {
    const { invoke } = await withHandler(`exports.handler = async () => { require('zod'); };`);
    expect((await invoke({})).result.errorMessage).toContain("Cannot find module 'zod'");
  });

  it('ends a handler at its timeout, even one that never yields', async () => {
    const { invoke } = await withHandler(`exports.handler = async () => { for (;;); };`, {
      Timeout: 1,
    });
    const { result, FunctionError } = await invoke({});
    expect(FunctionError).toBe('Unhandled');
    expect(result.errorType).toBe('Sandbox.Timedout');
    expect(result.errorMessage).toMatch(
      /^RequestId: [\da-f-]{36} Error: Task timed out after 1\.00 seconds$/,
    );
  });

  it('tells of a process that exits or leaves a rejection unhandled', async () => {
    const { invoke } = await withHandler(`
      exports.handler = ({ code }) => new Promise(() => {
        if (code === undefined) Promise.reject(new RangeError('lost'));
        else process.exit(code);
      });`);
    expect((await invoke({ code: 3 })).result).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 3$/),
    });
    expect((await invoke({})).result).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'RangeError: lost',
    });
  });

  it('fails the event of a process that is killed at once, and heals', async () => {
    const { invoke, lambda } = await withHandler(
      `exports.handler = async ({ wait }) => { if (wait) await new Promise((r) => setTimeout(r, 2500)); return 'well'; };`,
    );
    expect((await invoke({})).result).toBe('well');
    const started = Date.now();
    const waiting = invoke({ wait: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(lambda.pids('stack-Worker')[0] as number, 'SIGKILL');
    expect((await waiting).result.errorType).toBe('Runtime.ExitError');
    expect(Date.now() - started).toBeLessThan(1000);
    expect((await invoke({})).result).toBe('well');
  });

  it('writes the lines of an invocation to its log group and gives their tail', async () => {
    const { invoke, close } = await withHandler(
      `exports.handler = async () => { console.log('hello', { a: 1 }); console.error('two\\nlines'); };`,
    );
    const answer = await invoke({}, { LogType: 'Tail' });
    const tail = Buffer.from(answer.LogResult ?? '', 'base64')
      .toString()
      .split('\n');
    expect(tail[0]).toMatch(/^START RequestId: [\da-f-]{36} Version: \$LATEST$/);
    expect(tail[1]).toMatch(/^\d{4}-\S+Z\t[\da-f-]{36}\tINFO\thello { a: 1 }$/);
    expect(tail[2]).toMatch(/\tERROR\ttwo\rlines$/);
    expect(tail[3]).toMatch(/^END RequestId: /);
    expect(tail[4]).toMatch(
      /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms\t$/,
    );
    await close();
    const log = readFileSync(join(folder.root, 'logs/aws/lambda/stack-Worker.log'), 'utf8');
    expect(log).toContain('hello { a: 1 }');
  });

  it('handles events at once in as many processes as may be, and queues the rest', async () => {
    const { invoke } = await withHandler(
      `exports.handler = async () => { await new Promise((r) => setTimeout(r, 60)); return process.pid; };`,
      {},
      { processesPerFunction: 2 },
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => invoke({})));
    expect(new Set(answers.map(({ result }) => result)).size).toBe(2);
  });

  it('throttles beyond the reserved concurrency', async () => {
    const code = `exports.handler = () => new Promise((r) => setTimeout(r, 200));`;
    const { invoke } = await withHandler(code, { ReservedConcurrentExecutions: 1 });
    const first = invoke({});
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(invoke({})).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
    expect((await first).StatusCode).toBe(200);
  });

  it('keeps the number of all processes within bounds by ending the longest idle', async () => {
    const cloud = await folder.cloud({ processes: 1 });
    const asset = folder.asset({ 'index.js': `exports.handler = async () => process.pid;` });
    for (const name of ['One', 'Two', 'Three']) {
      await cloud.put(FUNCTION, name, functionProperties(), asset);
    }
    const client = new LambdaClient(cloud.client);
    for (const name of ['One', 'Two', 'Three', 'One']) {
      await client.send(new InvokeCommand({ FunctionName: `stack-${name}` }));
    }
    expect(cloud.lambda.pids('stack-One')).toHaveLength(1);
  });

  it('ends idle processes', async () => {
    const code = `exports.handler = async () => 1;`;
    const { invoke, lambda } = await withHandler(code, {}, { idleMs: 60, lastIdleMs: 60 });
    await invoke({});
    expect(lambda.pids('stack-Worker')).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lambda.pids('stack-Worker')).toHaveLength(0);
    expect((await invoke({})).result).toBe(1);
  });

  it('refuses what Lambda refuses', async () => {
    const { invoke, client } = await withHandler(`exports.handler = async () => 'x'.repeat(7e6);`);
    await expect(invoke({}, { FunctionName: 'nobody' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody',
    });
    await expect(invoke('x'.repeat(6_291_456))).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
    await expect(invoke('x'.repeat(1_048_576), { InvocationType: 'Event' })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
    await expect(invoke({}, { Payload: '{' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
    expect((await invoke({}, { InvocationType: 'DryRun' })).StatusCode).toBe(204);
    expect((await invoke({})).result.errorType).toBe('Function.ResponseSizeTooLarge');
    const { Configuration } = await client.send(
      new GetFunctionCommand({ FunctionName: 'stack-Worker' }),
    );
    expect(Configuration).toMatchObject({ Runtime: 'nodejs24.x', Handler: 'index.handler' });
  });

  it('gives the events of a process to nobody else', async () => {
    const { invoke } = await withHandler(
      `exports.handler = async () => process.env.AWS_LAMBDA_RUNTIME_API;`,
    );
    const { result } = await invoke({});
    const [authority] = result.split('/');
    const url = (secret: string) =>
      `http://${authority}/${secret}/2018-06-01/runtime/invocation/next`;
    expect((await fetch(url('x'))).status).toBe(403);
    expect((await fetch(`http://${authority}/2018-06-01/runtime/invocation/next`)).status).toBe(
      403,
    );
  });
});
