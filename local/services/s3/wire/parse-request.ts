import { decodeChunks } from '#local/iam/chunked-body.ts';
import { notServed } from '#local/kernel/aws-error.ts';
import type { WireRequest } from '#local/kernel/service.ts';
import { invalidArgument, malformedXml } from '../s3-errors.ts';
import { readForm } from './form.ts';
import { REQUEST_HEADERS, REQUEST_QUERY } from './headers.ts';
import { childText, readXml, type XmlElement } from './xml.ts';

/** Sub-resources that the local cloud serves, by method; `''` is the bucket or object itself. */
const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  'GET location': 'GetBucketLocation',
  'GET versioning': 'GetBucketVersioning',
  'GET versions': 'ListObjectVersions',
  'GET uploads': 'ListMultipartUploads',
  'GET policy': 'GetBucketPolicy',
  'GET list-type': 'ListObjectsV2',
  'HEAD ': 'HeadBucket',
  'POST delete': 'DeleteObjects',
};
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  'GET ': 'GetObject',
  'HEAD ': 'HeadObject',
  'PUT ': 'PutObject',
  'DELETE ': 'DeleteObject',
  'GET attributes': 'GetObjectAttributes',
  'GET tagging': 'GetObjectTagging',
  'POST uploads': 'CreateMultipartUpload',
  'PUT uploadId': 'UploadPart',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE uploadId': 'AbortMultipartUpload',
  'GET uploadId': 'ListParts',
};

/** Query parameters that choose the action. */
const SUBRESOURCES = [
  ...['accelerate', 'acl', 'analytics', 'attributes', 'cors', 'delete', 'encryption', 'inventory'],
  ...['intelligent-tiering', 'legal-hold', 'lifecycle', 'list-type', 'location', 'logging'],
  ...['metrics', 'notification', 'object-lock', 'ownershipControls', 'policy', 'policyStatus'],
  ...['publicAccessBlock', 'renameObject', 'replication', 'requestPayment', 'restore', 'retention'],
  ...['select', 'session', 'tagging', 'torrent', 'uploadId', 'uploads', 'versioning', 'versions'],
  'website',
];

const NUMBERS = new Set(['MaxKeys', 'MaxParts', 'MaxUploads', 'PartNumber', 'PartNumberMarker']);
const BOOLEANS = new Set(['BucketKeyEnabled', 'BypassGovernanceRetention', 'FetchOwner']);

/** Tells the action and its SDK-shaped input from a path-style REST request. */
export function parseRequest(request: WireRequest): { action: string; input: unknown } {
  const [bucket = '', ...rest] = request.path.slice(1).split('/');
  const key = decodePart(rest.join('/'));
  if (bucket === '') {
    if (request.method !== 'GET') throw notServed(`S3 ${request.method} /`);
    return { action: 'ListBuckets', input: {} };
  }
  const Bucket = decodePart(bucket);
  const isForm = /^multipart\/form-data/i.test(request.headers['content-type'] ?? '');
  if (request.method === 'POST' && key === '' && isForm) {
    return { action: 'PostObject', input: { Bucket, ...readForm(request) } };
  }
  const action = actionOf(request, key !== '');
  const input = { Bucket, ...(key !== '' && { Key: key }), ...members(request) };
  return { action, input: { ...input, ...bodyMembers(action, request) } };
}

function actionOf(request: WireRequest, onObject: boolean): string {
  const sub = SUBRESOURCES.find((name) => request.query.has(name)) ?? '';
  const action = (onObject ? OBJECT_ACTIONS : BUCKET_ACTIONS)[`${request.method} ${sub}`];
  if (!action) {
    throw notServed(`S3 ${request.method} ${onObject ? 'object' : 'bucket'} ?${sub}`);
  }
  if (request.headers['x-amz-copy-source'] === undefined) return action;
  if (action === 'UploadPart') throw notServed('S3 UploadPartCopy');
  return action === 'PutObject' ? 'CopyObject' : action;
}

function members(request: WireRequest): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const member = REQUEST_HEADERS[name];
    if (member) found[member] = converted(member, value);
    else if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = value;
  }
  const encoding = (request.headers['content-encoding'] ?? '')
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '' && token !== 'aws-chunked');
  if (encoding.length > 0) found['ContentEncoding'] = encoding.join(',');
  for (const [name, value] of request.query) {
    const lower = name.toLowerCase();
    const member = REQUEST_QUERY[name] ?? hoistedMember(lower);
    if (member) found[member] = converted(member, value);
    else if (lower.startsWith('x-amz-meta-')) metadata[lower.slice('x-amz-meta-'.length)] = value;
  }
  if (Object.keys(metadata).length > 0) found['Metadata'] = metadata;
  return found;
}

/**
 * A header that a presigned URL carries in its query. S3 does not look at checksums there: signers
 * without the body put the checksum of an empty one.
 */
function hoistedMember(parameter: string): string | undefined {
  if (!parameter.startsWith('x-amz-') || parameter.includes('checksum')) return undefined;
  return REQUEST_HEADERS[parameter];
}

function converted(member: string, value: string): unknown {
  if (BOOLEANS.has(member)) return value.toLowerCase() === 'true';
  if (!NUMBERS.has(member)) return value;
  if (!/^-?\d+$/.test(value)) {
    throw invalidArgument('Argument must be an integer between 0 and 2147483647', member, value);
  }
  return Number(value);
}

function bodyMembers(action: string, request: WireRequest): object {
  switch (action) {
    case 'PutObject':
    case 'UploadPart':
      return unframed(request);
    case 'DeleteObjects':
      return { Delete: readDelete(request), Body: request.body };
    case 'CompleteMultipartUpload':
      return { MultipartUpload: readParts(request) };
    default:
      return {};
  }
}

/** The body as it was meant, should a framed one have come past a door that checks no signatures. */
function unframed(request: WireRequest): object {
  const length = request.headers['x-amz-decoded-content-length'];
  const chunked = request.headers['content-encoding']?.includes('aws-chunked') ?? false;
  if (!chunked || length === undefined || Number(length) === request.body.length) {
    return { Body: request.body };
  }
  const { body, trailers } = decodeChunks(request.body);
  return {
    Body: body,
    ...Object.fromEntries(
      Object.entries(trailers).flatMap(([name, value]) => {
        const member = REQUEST_HEADERS[name.toLowerCase()];
        return member ? [[member, value]] : [];
      }),
    ),
  };
}

function readDelete(request: WireRequest): object {
  const { name, element } = readXml(request.body.toString('utf8'));
  if (name !== 'Delete') throw malformedXml();
  return {
    Quiet: childText(element, 'Quiet') === 'true',
    Objects: (element.children['Object'] ?? []).map((object) => ({
      Key: required(object, 'Key'),
      VersionId: childText(object, 'VersionId'),
      ETag: childText(object, 'ETag'),
    })),
  };
}

function readParts(request: WireRequest): object {
  if (request.body.length === 0) return {};
  const { name, element } = readXml(request.body.toString('utf8'));
  if (name !== 'CompleteMultipartUpload') throw malformedXml();
  return {
    Parts: (element.children['Part'] ?? []).map((part) => ({
      PartNumber: Number(required(part, 'PartNumber')),
      ETag: childText(part, 'ETag'),
      ChecksumCRC32: childText(part, 'ChecksumCRC32'),
      ChecksumCRC32C: childText(part, 'ChecksumCRC32C'),
      ChecksumCRC64NVME: childText(part, 'ChecksumCRC64NVME'),
      ChecksumSHA1: childText(part, 'ChecksumSHA1'),
      ChecksumSHA256: childText(part, 'ChecksumSHA256'),
    })),
  };
}

function required(element: XmlElement, name: string): string {
  const text = childText(element, name);
  if (text === undefined) throw malformedXml();
  return text;
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidArgument("Couldn't parse the specified URI.", 'key', text);
  }
}
