import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Bodies below this many bytes live in SQLite, others in files. */
const INLINE_BYTES = 64 * 1024;

/** Where a body is: in the row itself, or in a file of the store. */
export type StoredBody =
  | { readonly inline: Uint8Array; readonly file: null }
  | { readonly inline: null; readonly file: string };

/** Bodies of objects; a file is whole under its final name before a row refers to it. */
export class BodyStore {
  readonly #folder: string;

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'objects');
  }

  write(body: Buffer): StoredBody {
    if (body.length < INLINE_BYTES) return { inline: body, file: null };
    const name = randomUUID();
    mkdirSync(join(this.#folder, name.slice(0, 2)), { recursive: true, mode: 0o700 });
    const temporary = `${this.#path(name)}.part`;
    writeFileSync(temporary, body, { mode: 0o600 });
    renameSync(temporary, this.#path(name));
    return { inline: null, file: name };
  }

  /** The bytes from `start` up to, and not with, `end`. */
  read({ inline, file }: StoredBody, start: number, end: number): Buffer {
    if (inline) return Buffer.from(inline.buffer, inline.byteOffset + start, end - start);
    const descriptor = openSync(this.#path(file), 'r');
    try {
      const bytes = Buffer.alloc(end - start);
      const count = readSync(descriptor, bytes, 0, bytes.length, start);
      return bytes.subarray(0, count);
    } finally {
      closeSync(descriptor);
    }
  }

  readAll(body: StoredBody): Buffer {
    return body.inline ? Buffer.from(body.inline) : readFileSync(this.#path(body.file));
  }

  remove(file: string): void {
    rmSync(this.#path(file), { force: true });
  }

  /** The names of all files, half-written ones too. */
  list(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).flatMap((shelf) => readdirSync(join(this.#folder, shelf)));
  }

  #path(name: string): string {
    return join(this.#folder, name.slice(0, 2), name);
  }
}
