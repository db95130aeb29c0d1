const BLOCK = 512;
/** Longer names stand in an entry of their own, as GNU tar writes them. */
const NAME_MOST = 100;

/** A file or, with a name that ends with a slash, a folder. */
export interface ArchiveEntry {
  readonly path: string;
  readonly content: Buffer;
}

/** An archive in GNU tar's format, of plain files and folders. */
export function writeArchive(list: readonly ArchiveEntry[]): Buffer {
  const blocks = list.flatMap(({ path, content }) => {
    const name = Buffer.from(path);
    const isFolder = path.endsWith('/');
    const long =
      name.length > NAME_MOST
        ? entry(Buffer.from('././@LongLink'), Buffer.concat([name, Buffer.alloc(1)]), 'L', 0o644)
        : [];
    const mode = isFolder ? 0o755 : 0o644;
    return [...long, ...entry(name.subarray(0, NAME_MOST), content, isFolder ? '5' : '0', mode)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function entry(name: Buffer, content: Buffer, type: string, mode: number): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  name.copy(header);
  const field = (at: number, digits: number, value: number) =>
    header.write(`${value.toString(8).padStart(digits, '0')}\0`, at);
  field(100, 7, mode);
  field(108, 7, 0);
  field(116, 7, 0);
  field(124, 11, content.length);
  field(136, 11, 0);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar  \0', 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}
