import { join } from 'node:path';
import * as z from 'zod/mini';
import { chosenModel } from '../operator/model-choice.ts';
import { runningPlatform } from '../operator/platform-record.ts';
import { readState, ROOT } from '../operator/state-folder.ts';
import type { Terminal } from '../screen/terminal.ts';
import { checkModel, checkPlatform } from './check-platform.ts';
import { checkIsolation, checkSystemPackages } from './check-sandbox.ts';
import { checkState } from './check-state.ts';
import { checkNode, checkPackages } from './check-toolchain.ts';
import { note, type Finding } from './finding.ts';

const Inert = z.looseObject({ inert: z.array(z.string()) });

/** Looks at everything that the platform needs, and says what of the template is not simulated. */
export async function examine(terminal: Pick<Terminal, 'state' | 'env'>): Promise<Finding[]> {
  const { state, env } = terminal;
  const running = runningPlatform(state);
  const model =
    chosenModel(terminal) ??
    (running && { url: running.model_url, name: running.model_name, apiKey: undefined });
  const [isolation, platform, modelFinding] = await Promise.all([
    checkIsolation(),
    checkPlatform(state),
    model ? checkModel(model) : note('model', 'mirai-tour, which comes with the platform'),
  ]);
  return [
    checkNode(process.versions.node),
    checkPackages(ROOT),
    checkSystemPackages(env['PATH'] ?? ''),
    ...isolation,
    ...checkState(state),
    platform,
    modelFinding,
    ...notSimulated(state),
  ];
}

function notSimulated(state: string): Finding[] {
  const inert = readState(join(state, 'runtime.json'), Inert)?.inert ?? [];
  return inert.length > 0 ? [note('not simulated', inert.join(', '))] : [];
}
