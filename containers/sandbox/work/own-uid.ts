import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** First of the user ids that boxes run as; no entry of Debian's own range (0 to 999, 65534) is in it. */
const FIRST_UID = 2900;
const UIDS = 500;

/** A user id that no other box on this machine runs as, while this process lives. */
export interface OwnUid {
  readonly uid: number;
  release(): void;
}

/**
 * Takes a user id for the boxes of this process. The lock is an abstract socket named after the id:
 * the kernel gives it to one process and takes it back when that process dies, however it dies.
 *
 * @throws Error when all are taken
 */
export async function takeUid(): Promise<OwnUid> {
  const known = knownUids();
  for (let uid = FIRST_UID; uid < FIRST_UID + UIDS; uid += 1) {
    if (known.has(uid)) continue;
    const lock = await tryListen(`\0mirai-box-uid-${uid}`);
    if (lock) return { uid, release: () => lock.close() };
  }
  throw new Error(`all ${UIDS} user ids from ${FIRST_UID} are in use`);
}

function tryListen(path: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen({ path }, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Ids that belong to accounts of this machine. */
function knownUids(): Set<number> {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return new Set(lines.map((line) => Number(line.split(':')[2])));
}
