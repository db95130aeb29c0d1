import { closeSync, readFileSync, readdirSync } from 'node:fs';

/** `O_CLOEXEC` as /proc shows it. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Closes what this process inherited beside its three streams. Whoever started it may have left
 * descriptors open, and every box would inherit them in turn; Node marks all of its own as not to be
 * inherited, which tells them apart.
 */
export function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor > 2 && isInheritable(descriptor)) closeSync(descriptor);
  }
}

function isInheritable(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    const flags = Number.parseInt(/^flags:\s+([0-7]+)$/m.exec(info)?.[1] ?? '', 8);
    return (flags & CLOSE_ON_EXEC) === 0;
  } catch {
    // The one that listed the folder; it is closed by now.
    return false;
  }
}
