import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isWorkspacePath } from '#containers/sandbox/contract.ts';
import { readArchive } from '#containers/sandbox/work/tar-reader.ts';
import { writeArchive } from '#containers/sandbox/work/tar-writer.ts';

const LIMITS = { files: 5, bytes: 10_000 };

/** A header of one type, as an attacker would write it by hand. */
function header(name: string, type: string, size: string, broken = false): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write(`${size}\0`, 124);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  const sum = block.reduce((total, byte) => total + byte, broken ? 1 : 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const size = (bytes: number) => bytes.toString(8).padStart(11, '0');
const file = (name: string, text: string) =>
  Buffer.concat([header(name, '0', size(text.length)), Buffer.from(text.padEnd(512, '\0'))]);
const read = (archive: Buffer, wanted: 'all' | string[] = 'all') => {
  const { files, skipped } = readArchive(archive, LIMITS, wanted);
  return {
    files: Object.fromEntries(files.map(({ path, content }) => [path, content.toString()])),
    skipped: skipped.map(({ path, reason }) => `${path}: ${reason}`),
  };
};

describe('an archive that untrusted code may have written', () => {
  test('gives back every file that the writer packed, with long names too', () => {
    const part = fc
      .stringMatching(/^[a-z ä_-]{1,40}$/)
      .filter((text) => text !== '.' && text !== '..');
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const packed = fc.record({
      path,
      content: fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(packed, { selector: (one) => one.path, maxLength: 5 }),
        (files) => {
          const { files: found, skipped } = readArchive(writeArchive(files), LIMITS, 'all');
          expect(skipped).toEqual([]);
          expect(found.map(({ path, content }) => ({ path, content }))).toEqual(files);
        },
      ),
    );
  });

  test('never throws, never gives a path outside and never more than its limits, on any bytes', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 4096 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(
          fc.tuple(
            fc.string(),
            fc.constantFrom('0', '1', '2', '5', 'L', 'K', 'x', 'S', '\0'),
            fc.nat(3000),
          ),
        )
        .map((entries) =>
          Buffer.concat(
            entries.map(([name, type, bytes]) => header(name.slice(0, 100), type, size(bytes))),
          ),
        ),
    );
    fc.assert(
      fc.property(noise, (archive) => {
        const { files } = readArchive(archive, LIMITS, 'all');
        expect(files.length).toBeLessThanOrEqual(LIMITS.files);
        expect(files.every(({ path }) => isWorkspacePath(path))).toBe(true);
        const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
        expect(bytes).toBeLessThanOrEqual(LIMITS.bytes);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['../a', '/etc/passwd', 'a/../../b', 'a//b', 'a/./b', '..', 'a\nb', 'a\\b'])(
    'does not give the path %j',
    (name) => {
      expect(read(file(name, 'x'))).toEqual({
        files: {},
        skipped: [expect.stringContaining('has a name that is not taken')],
      });
    },
  );

  test.each([
    ['1', 'a hard link'],
    ['2', 'a symbolic link'],
    ['3', 'a device'],
    ['4', 'a device'],
    ['6', 'a FIFO'],
    ['S', 'not a regular file'],
    ['x', 'not a regular file'],
  ])('names an entry of the type %s and goes on', (type, kind) => {
    const archive = Buffer.concat([header('odd', type, size(0)), file('good', 'x')]);
    expect(read(archive)).toEqual({ files: { good: 'x' }, skipped: [`odd: is ${kind}`] });
  });

  test('gives a path once: the first', () => {
    const archive = Buffer.concat([file('a', '1'), file('./a', '2')]);
    expect(read(archive)).toEqual({ files: { a: '1' }, skipped: ['a: appears twice'] });
  });

  test('stops at what makes no sense, with what it had', () => {
    const cut = Buffer.concat([file('a', '1'), header('b', '0', size(9000))]);
    const broken = Buffer.concat([file('a', '1'), header('b', '0', size(0), true), file('c', '3')]);
    const negative = Buffer.concat([file('a', '1'), header('b', '0', '-0000000001')]);
    const binary = Buffer.concat([file('a', '1'), header('b', '0', '\x80\x00\x00\x01')]);
    for (const archive of [cut, broken, negative, binary]) {
      expect(read(archive)).toEqual({
        files: { a: '1' },
        skipped: [': the archive is broken or cut off'],
      });
    }
  });

  test('names what goes over the number of files or of bytes', () => {
    const many = Buffer.concat(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => file(name, 'x')));
    expect(read(many).skipped).toEqual(['f: is more than 5 files']);
    const large = writeArchive([
      { path: 'big', content: Buffer.alloc(10_001) },
      { path: 'small', content: Buffer.from('x') },
    ]);
    expect(read(large)).toEqual({
      files: { small: 'x' },
      skipped: ['big: goes over 10000 bytes'],
    });
  });

  test('gives only what was asked for, and says nothing of the rest', () => {
    const archive = Buffer.concat([file('a', '1'), file('b', '2'), header('c', '2', size(0))]);
    expect(read(archive, ['b', 'd'])).toEqual({ files: { b: '2' }, skipped: [] });
  });
});
