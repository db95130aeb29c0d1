import type { WireRequest } from '#local/kernel/service.ts';
import { signatureError } from './signature-errors.ts';
import type { CredentialScope } from './signing.ts';

/** What a signed request says of its signature. */
export interface Claim {
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly securityToken: string | undefined;
  /** How long a presigned URL holds, in seconds; undefined when the signature is in the header. */
  readonly expires: number | undefined;
}

/** Splits `<access key>/<date>/<region>/<service>/aws4_request`. @throws AwsError when it has another form */
export function readCredential(
  credential: string,
  service: string,
): { readonly accessKeyId: string; readonly scope: CredentialScope } {
  const [accessKeyId, date, region, scopeService, end, more] = credential.split('/');
  if (!accessKeyId || !date || !region || !scopeService || end !== 'aws4_request' || more) {
    throw signatureError(
      service,
      'incomplete',
      `The credential ${credential} is not of the known form.`,
    );
  }
  return { accessKeyId, scope: { date, region, service: scopeService } };
}

/** The signature in the `Authorization` header. @throws AwsError when a part is missing */
export function headerClaim(request: WireRequest, service: string): Claim {
  const header = request.headers['authorization'] ?? '';
  const part = (name: string): string => {
    const value = new RegExp(`${name}=([^,\\s]+)`).exec(header)?.[1];
    if (value === undefined) {
      throw signatureError(service, 'incomplete', `The Authorization header lacks ${name}.`);
    }
    return value;
  };
  if (!header.startsWith('AWS4-HMAC-SHA256 ')) {
    throw signatureError(service, 'incomplete', 'Only the algorithm AWS4-HMAC-SHA256 is known.');
  }
  const timestamp = request.headers['x-amz-date'];
  if (timestamp === undefined) {
    throw signatureError(service, 'incomplete', 'The request has no x-amz-date header.');
  }
  return {
    ...readCredential(part('Credential'), service),
    timestamp,
    signedHeaders: part('SignedHeaders').split(';'),
    signature: part('Signature'),
    securityToken: request.headers['x-amz-security-token'],
    expires: undefined,
  };
}

/** The signature in the query of a presigned URL. @throws AwsError when a part is missing */
export function queryClaim({ query }: WireRequest, service: string): Claim {
  const part = (name: string): string => {
    const value = query.get(name);
    if (value === null) throw signatureError(service, 'incomplete', `The query lacks ${name}.`);
    return value;
  };
  if (part('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') {
    throw signatureError(service, 'incomplete', 'Only the algorithm AWS4-HMAC-SHA256 is known.');
  }
  return {
    ...readCredential(part('X-Amz-Credential'), service),
    timestamp: part('X-Amz-Date'),
    signedHeaders: part('X-Amz-SignedHeaders').split(';'),
    signature: part('X-Amz-Signature'),
    securityToken: query.get('X-Amz-Security-Token') ?? undefined,
    expires: Number(part('X-Amz-Expires')),
  };
}

/** `20261121T031500Z` in milliseconds since the epoch, NaN when it has another form. */
export function instantOf(timestamp: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
