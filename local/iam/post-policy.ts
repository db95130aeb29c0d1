import type { Cloud } from '#local/kernel/cloud.ts';
import type { Principal, WireRequest } from '#local/kernel/service.ts';
import { readCredential } from './claim.ts';
import { credentialStore, type KnownCredentials } from './credential-store.ts';
import { signatureError } from './signature-errors.ts';
import { sameText, signatureOf, signingKey } from './signing.ts';

/** The signed fields of an S3 POST form, as the form has them. */
export interface SignedPolicy {
  /** `x-amz-credential`: `<access key>/<date>/<region>/s3/aws4_request`. */
  readonly credential: string;
  /** `x-amz-date`: `20261121T031500Z`. */
  readonly date: string;
  /** `policy`, in base64 as sent: it is what was signed. */
  readonly stringToSign: string;
  /** `x-amz-signature`, in hex. */
  readonly signature: string;
  /** `x-amz-security-token`, when the signer's credentials are a session's. */
  readonly securityToken?: string | undefined;
}

/**
 * Checks the signature of a POST form's policy and answers who signed it. Its expiry and conditions
 * are not looked at: that is S3's part. The front door has already called this for a form upload, so
 * that the call's principal is the signer; S3 needs it only to check a form on its own.
 *
 * @throws AwsError `InvalidAccessKeyId`, `InvalidToken`, `ExpiredToken`, `SignatureDoesNotMatch`
 */
export function verifyPolicySignature(cloud: Cloud, policy: SignedPolicy): Principal {
  const { accessKeyId, scope } = readCredential(policy.credential, 's3');
  const known = usableCredentials(cloud, 's3', accessKeyId, policy.securityToken);
  const wrongScope =
    scope.service !== 's3' ||
    scope.region !== cloud.region ||
    !policy.date.startsWith(`${scope.date}T`);
  const expected = signatureOf(signingKey(known.secretAccessKey, scope), policy.stringToSign);
  if (wrongScope || !sameText(policy.signature, expected)) {
    throw signatureError('s3', 'wrongSignature');
  }
  return known.principal;
}

/**
 * The credentials of an access key, when they may be used now.
 *
 * @throws AwsError when the key is unknown, its token another one, or its time over
 */
export function usableCredentials(
  cloud: Cloud,
  service: string,
  accessKeyId: string,
  securityToken: string | undefined,
): KnownCredentials {
  const known = credentialStore(cloud).find(accessKeyId);
  if (!known) throw signatureError(service, 'unknownKey');
  if (!sameText(known.sessionToken ?? '', securityToken ?? '')) {
    throw signatureError(service, 'wrongToken');
  }
  if (known.expired) throw signatureError(service, 'expiredToken');
  return known;
}

/** The signed policy of a form upload, undefined when the request is none. */
export function formPolicy(request: WireRequest): SignedPolicy | undefined {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(
    request.headers['content-type'] ?? '',
  )?.[1];
  if (request.method !== 'POST' || boundary === undefined) return undefined;
  const fields = fieldsBeforeFile(request.body, `--${boundary}`);
  const [credential, date] = [fields.get('x-amz-credential'), fields.get('x-amz-date')];
  const [stringToSign, signature] = [fields.get('policy'), fields.get('x-amz-signature')];
  if (
    credential === undefined ||
    date === undefined ||
    stringToSign === undefined ||
    signature === undefined
  ) {
    return undefined;
  }
  const securityToken = fields.get('x-amz-security-token');
  return { credential, date, stringToSign, signature, securityToken };
}

/** S3 reads no field after the file, so neither does this. */
function fieldsBeforeFile(body: Buffer, delimiter: string): Map<string, string> {
  const fields = new Map<string, string>();
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const headEnd = body.indexOf('\r\n\r\n', at);
    const end = headEnd < 0 ? -1 : body.indexOf(`\r\n${delimiter}`, headEnd);
    if (end < 0) break;
    const head = body.toString('utf8', at, headEnd);
    const name = /[;\s]name="([^"]*)"/i.exec(head)?.[1]?.toLowerCase() ?? '';
    if (name === 'file') break;
    fields.set(name, body.toString('utf8', headEnd + 4, end));
    at = end + 2;
  }
  return fields;
}
