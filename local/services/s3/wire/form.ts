import type { WireRequest } from '#local/kernel/service.ts';
import { AwsError } from '#local/kernel/aws-error.ts';

/** A browser's form upload. */
export interface Form {
  /** Fields before the file, names in lower case; S3 reads none after it. */
  readonly Fields: Readonly<Record<string, string>>;
  readonly FileName: string;
  readonly Body: Buffer;
}

const malformed = (): AwsError =>
  new AwsError(
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  );

/** @throws AwsError MalformedPOSTRequest, or InvalidArgument when there is no file */
export function readForm(request: WireRequest): Form {
  const boundary = /boundary="?([^";]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw malformed();
  const delimiter = Buffer.from(`--${boundary}`);
  const { body } = request;
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    if (body.toString('latin1', start, start + 2) === '--') break;
    const headEnd = body.indexOf('\r\n\r\n', start);
    const end = headEnd < 0 ? -1 : body.indexOf(`\r\n--${boundary}`, headEnd + 2);
    if (end < 0) throw malformed();
    const head = body.toString('utf8', start, headEnd);
    const name = /[;\s]name="([^"]*)"/i.exec(head)?.[1]?.toLowerCase();
    if (name === undefined) throw malformed();
    if (name === 'file') {
      const FileName = /[;\s]filename="([^"]*)"/i.exec(head)?.[1] ?? '';
      return { Fields: fields, FileName, Body: body.subarray(headEnd + 4, end) };
    }
    fields[name] = body.toString('utf8', headEnd + 4, end);
    at = end + 2;
  }
  throw new AwsError('InvalidArgument', 'POST requires exactly one file upload per request.', 400, {
    ArgumentName: 'file',
    ArgumentValue: '0',
  });
}
