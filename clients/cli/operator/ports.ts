import { createServer } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { readState, writeState } from './state-folder.ts';

type Holder = 'cloud' | 'model';

const Ports = z.record(z.string(), z.int());
const portsPath = (state: string): string => join(state, 'ports.json');

/** The port that a process had before: what was begun then calls it there. */
export const rememberedPort = (state: string, holder: Holder): number | undefined =>
  readState(portsPath(state), Ports)?.[holder];

export function rememberPort(state: string, holder: Holder, url: string): void {
  const ports = readState(portsPath(state), Ports) ?? {};
  writeState(portsPath(state), { ...ports, [holder]: Number(new URL(url).port) });
}

/** True when nobody listens on the port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
