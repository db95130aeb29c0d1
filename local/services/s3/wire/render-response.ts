import { AwsError } from '#local/kernel/aws-error.ts';
import type { WireResponse } from '#local/kernel/service.ts';
import { RESPONSE_HEADERS } from './headers.ts';
import { writeXml } from './xml.ts';

type Output = Readonly<Record<string, unknown>>;

/** Actions whose answer is an XML document, with its root element. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  ListBuckets: 'ListAllMyBucketsResult',
  ListObjectsV2: 'ListBucketResult',
  ListObjectVersions: 'ListVersionsResult',
  ListMultipartUploads: 'ListMultipartUploadsResult',
  ListParts: 'ListPartsResult',
  GetBucketVersioning: 'VersioningConfiguration',
  GetObjectAttributes: 'GetObjectAttributesResponse',
  GetObjectTagging: 'Tagging',
  DeleteObjects: 'DeleteResult',
  CopyObject: 'CopyObjectResult',
  CreateMultipartUpload: 'InitiateMultipartUploadResult',
  CompleteMultipartUpload: 'CompleteMultipartUploadResult',
};

/** Members whose XML element has another name, or that repeat under a list's name. */
const ELEMENTS: Readonly<Record<string, string>> = {
  Uploads: 'Upload',
  Parts: 'Part',
  Versions: 'Version',
  DeleteMarkers: 'DeleteMarker',
  Errors: 'Error',
};

/** Members that travel in headers though the answer has a document. */
const HEADERS_BESIDE_DOCUMENT = new Set([
  ...['VersionId', 'CopySourceVersionId', 'ServerSideEncryption', 'SSEKMSKeyId'],
  ...['BucketKeyEnabled', 'LastModified', 'DeleteMarker'],
]);

const NO_CONTENT = new Set(['DeleteObject', 'AbortMultipartUpload']);

/** The HTTP form of an action's SDK-shaped answer. */
export function renderResponse(action: string, answer: unknown, requestId: string): WireResponse {
  const output = (answer ?? {}) as Output;
  const common = { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId };
  const root = DOCUMENTS[action];
  if (root !== undefined)
    return { ...document(root, action, output), ...merge(action, output, common) };
  if (action === 'PostObject') return postAnswer(output, common);
  if (action === 'GetBucketLocation') {
    const text = writeXml('LocationConstraint', output['LocationConstraint']);
    return { status: 200, headers: { ...common, ...XML }, body: text };
  }
  if (action === 'GetBucketPolicy') {
    const headers = { ...common, 'content-type': 'application/json' };
    return { status: 200, headers, body: String(output['Policy']) };
  }
  return {
    status: NO_CONTENT.has(action) ? 204 : output['ContentRange'] === undefined ? 200 : 206,
    headers: { ...common, ...headersOf(output, () => true) },
    body: Buffer.isBuffer(output['Body']) ? output['Body'] : '',
  };
}

/** S3's XML error; a 304 has no body, only what tells the object's state. */
export function renderFailure(failure: AwsError, requestId: string): WireResponse {
  // A denial of the KMS key behind an object is S3's denial to the caller.
  const denied = failure.code === 'AccessDeniedException';
  const error = denied ? new AwsError('AccessDenied', failure.message, 403) : failure;
  const common = { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId };
  const headers: Record<string, string> = { ...common };
  const elements: Record<string, unknown> = { Code: error.code, Message: error.message };
  for (const [name, value] of Object.entries(error.fields)) {
    const header = name.startsWith('header:') ? name.slice('header:'.length) : undefined;
    if (header) headers[header] = String(value);
    else elements[name] = value;
  }
  if (error.status === 304) return { status: 304, headers, body: '' };
  const body = writeXml('Error', { ...elements, RequestId: requestId, HostId: requestId }, false);
  return { status: error.status, headers: { ...headers, ...XML }, body };
}

const XML = { 'content-type': 'application/xml' };

function document(root: string, action: string, output: Output): { status: number; body: string } {
  // The ETag and the time of a copy stand in the document of CopyObject.
  const content = action === 'CopyObject' ? (output['CopyObjectResult'] as Output) : output;
  const beside = action === 'CopyObject' ? new Set<string>() : besideOf(action);
  const elements = Object.entries(content)
    .filter(([name]) => !beside.has(name))
    .map(([name, value]) => [ELEMENTS[name] ?? name, elementValue(name, value)]);
  return { status: 200, body: writeXml(root, Object.fromEntries(elements)) };
}

/** Nested lists are wrapped or flattened as S3's documents have them. */
function elementValue(name: string, value: unknown): unknown {
  if (name === 'Buckets') return { Bucket: value };
  if (name === 'TagSet') return { Tag: value };
  return value;
}

function besideOf(action: string): ReadonlySet<string> {
  if (action.startsWith('List') || action === 'DeleteObjects') return new Set();
  if (action !== 'CreateMultipartUpload') return HEADERS_BESIDE_DOCUMENT;
  return new Set([...HEADERS_BESIDE_DOCUMENT, 'ChecksumAlgorithm', 'ChecksumType']);
}

function merge(
  action: string,
  output: Output,
  common: Readonly<Record<string, string>>,
): Pick<WireResponse, 'headers'> {
  const beside = besideOf(action);
  return {
    headers: {
      ...common,
      ...XML,
      ...headersOf(output, (name) => beside.has(name)),
    },
  };
}

function headersOf(output: Output, takes: (name: string) => boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(output)) {
    const header = RESPONSE_HEADERS[name];
    if (header && value !== undefined && takes(name)) headers[header] = headerText(name, value);
  }
  for (const [name, value] of Object.entries(
    (output['Metadata'] ?? {}) as Record<string, string>,
  )) {
    headers[`x-amz-meta-${name}`] = value;
  }
  return headers;
}

function headerText(name: string, value: unknown): string {
  if (value instanceof Date) {
    return name === 'LastModified' ? value.toUTCString() : value.toISOString();
  }
  return String(value);
}

function postAnswer(output: Output, common: Readonly<Record<string, string>>): WireResponse {
  const status = output['status'] as number;
  const headers = { ...common, ...headersOf(output, (name) => name !== 'Key') };
  if (status !== 201) return { status, headers, body: '' };
  const { Location, Bucket, Key, ETag } = output;
  const body = writeXml('PostResponse', { Location, Bucket, Key, ETag }, false);
  return { status, headers: { ...headers, ...XML }, body };
}
