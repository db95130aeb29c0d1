import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { functionFolder, functionProperties } from './function-cloud.ts';

let folder: ReturnType<typeof functionFolder>;
beforeEach(() => {
  folder = functionFolder();
});
afterEach(() => folder.clear());

type Options = Parameters<ReturnType<typeof functionFolder>['cloud']>[0];

/** A function that notes each event, fails as often as the event says, and waits where told. */
async function withNotes(options: Options & { config?: object } = {}) {
  const notes = join(folder.root, 'notes');
  const asset = folder.asset({
    'index.js': `
      const { appendFileSync, readFileSync } = require('node:fs');
      exports.handler = async (event, context) => {
        appendFileSync(${JSON.stringify(notes)}, event.name + ' ' + context.awsRequestId + '\\n');
        const times = readFileSync(${JSON.stringify(notes)}, 'utf8').split(event.name + ' ').length - 1;
        if (event.waitMs) await new Promise((r) => setTimeout(r, event.waitMs));
        if (times <= (event.failures ?? 0)) throw new Error('not yet');
      };`,
  });
  const cloud = await folder.cloud({ retryDelaysMs: [20, 40], ...options });
  await cloud.put('AWS::Lambda::Function', 'Worker', functionProperties(), asset);
  if (options.config) {
    await cloud.put('AWS::Lambda::EventInvokeConfig', 'Config', {
      FunctionName: 'stack-Worker',
      Qualifier: '$LATEST',
      ...options.config,
    });
  }
  const client = new LambdaClient(cloud.client);
  const rows = () =>
    cloud.cloud.database.get<{ n: number }>('SELECT COUNT(*) AS n FROM lambda_event')?.n;
  return {
    ...cloud,
    rows,
    notes: () =>
      existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : ([] as string[]),
    send: (event: object) =>
      client.send(
        new InvokeCommand({
          FunctionName: 'stack-Worker',
          InvocationType: 'Event',
          Payload: JSON.stringify(event),
        }),
      ),
    done: async () => {
      for (let waited = 0; rows() !== 0; waited += 10) {
        if (waited > 5000) throw new Error('the queue never became empty');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}

describe('asynchronous events', () => {
  it('are accepted at once and handled later', async () => {
    const { send, notes, done } = await withNotes();
    expect((await send({ name: 'a' })).StatusCode).toBe(202);
    await done();
    expect(notes()).toHaveLength(1);
  });

  it('are tried twice more under the same request id when the function fails', async () => {
    const { send, notes, done } = await withNotes();
    await send({ name: 'a', failures: 9 });
    await done();
    expect(notes()).toHaveLength(3);
    expect(new Set(notes()).size).toBe(1);
  });

  it('are tried as often as their configuration says', async () => {
    const { send, notes, done } = await withNotes({ config: { MaximumRetryAttempts: 0 } });
    await send({ name: 'a', failures: 9 });
    await done();
    expect(notes()).toHaveLength(1);
  });

  it('survive the end of the cloud, also in the middle of their handling', async () => {
    const first = await withNotes();
    await first.send({ name: 'a', waitMs: 1500 });
    while (first.notes().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await first.close();
    const second = await withNotes();
    await second.done();
    expect(second.notes()).toHaveLength(2);
    expect(new Set(second.notes()).size).toBe(1);
  });

  it('come twice when the faults say so', async () => {
    const { send, notes, done } = await withNotes({ faults: { duplicate: 1 } });
    await send({ name: 'a' });
    await done();
    expect(notes()).toHaveLength(2);
  });

  it('wait for a free place beyond the reserved concurrency', async () => {
    const { send, notes, done } = await withNotes({ processesPerFunction: 1 });
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => send({ name, waitMs: 20 })));
    await done();
    expect(notes()).toHaveLength(4);
  });
});
