import { Platform } from '#tests/support/platform.ts';
import { synthesize } from '../../scripts/synth.ts';
import { printTable, round } from '../table.ts';

/** How long it takes until the platform is ready on state that is there already. */
const first = await timed(() => synthesize());
const unchanged = await timed(() => synthesize());
const platform = new Platform();
const cold = await timed(() => platform.start());
await platform.stop();
const warm = await timed(() => platform.start());
await platform.remove();
printTable([
  { what: 'bundle and synthesize, if anything changed', seconds: first },
  { what: 'the same with nothing changed', seconds: unchanged },
  { what: 'local cloud ready, empty state', seconds: cold },
  { what: 'local cloud ready, warm', seconds: warm },
]);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return round((performance.now() - begun) / 1000, 2);
}
