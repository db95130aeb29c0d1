import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { composeMime } from '#local/services/ses/mime/compose-mime.ts';
import { decodeHeader, encodeHeader } from '#local/services/ses/mime/encoded-word.ts';
import { parseMime } from '#local/services/ses/mime/parse-mime.ts';

/** Text as SES takes it: no lone surrogates, line ends as CRLF. */
const text = fc.string({ unit: 'binary', maxLength: 300 }).map((value) =>
  value
    .toWellFormed()
    .replaceAll(/\r\n|\r|\n/g, '\r\n')
    .replaceAll('\uFEFF', ''),
);

describe('a mail', () => {
  it('is read as it was written, whatever stands in it', () => {
    fc.assert(
      fc.property(
        text,
        fc.option(text, { nil: undefined }),
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 2 }),
        (plain, rich, files) => {
          const mime = composeMime({
            headers: [['Subject', 'x']],
            text: plain,
            html: rich,
            attachments: files.map((content, index) => ({
              fileName: `f ${index} "ü".bin`,
              contentType: 'application/octet-stream',
              disposition: 'attachment' as const,
              content: Buffer.from(content),
            })),
            token: 'frontier',
          });
          const read = parseMime(mime);
          expect(read.text).toBe(plain);
          expect(read.html).toBe(rich);
          expect(read.attachments.map((file) => [file.fileName, [...file.content]])).toEqual(
            files.map((content, index) => [`f ${index} "ü".bin`, [...content]]),
          );
          expect(
            mime
              .toString('latin1')
              .split('\r\n')
              .every((line) => line.length <= 998),
          ).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps a header on its own line and within the length of RFC 2047', () => {
    fc.assert(
      fc.property(text, (value) => {
        const encoded = encodeHeader(value);
        expect(encoded).toMatch(/^[\x20-\x7e]*(\r\n [\x20-\x7e]+)*$/);
        if (!/=\?/.test(value)) {
          expect(decodeHeader(encoded.replaceAll('\r\n ', ' '))).toBe(
            value.replaceAll(/[\r\n]+/g, ' '),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is shown as text when it is no MIME at all', () => {
    expect(parseMime(Buffer.from('no headers, no body')).attachments).toEqual([]);
    expect(parseMime(Buffer.from('Subject: x\n\nhello')).text).toBe('hello');
    expect(
      parseMime(Buffer.from('Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nhi\n')).text,
    ).toBe('hi\r\n');
  });
});
