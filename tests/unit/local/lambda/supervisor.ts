import { functionFolder, functionProperties } from './function-cloud.ts';

/**
 * A program of its own for the test that kills it: a cloud with one function that is at work, idle
 * or in an endless loop. Prints the pids of its processes.
 */
const folder = functionFolder();
const cloud = await folder.cloud();
const asset = folder.asset({
  'index.js': `exports.handler = async ({ kind }) => {
    if (kind === 'waits') await new Promise((r) => setTimeout(r, 60_000));
    if (kind === 'loops') for (;;);
    return process.pid;
  };`,
});
const names = ['idle', 'waits', 'loops'];
for (const name of names) {
  await cloud.put('AWS::Lambda::Function', name, functionProperties({ Timeout: 90 }), asset);
  const invoked = cloud.cloud.call({
    service: 'lambda',
    action: 'Invoke',
    input: { FunctionName: `stack-${name}`, Payload: JSON.stringify({ kind: name }) },
    principal: { kind: 'root' },
  });
  if (name === 'idle') await invoked;
}
await new Promise((resolve) => setTimeout(resolve, 300));
console.log(JSON.stringify(names.flatMap((name) => cloud.lambda.pids(`stack-${name}`))));
