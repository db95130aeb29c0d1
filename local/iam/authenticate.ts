import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import { credentialService, type Authenticate, type Identity } from '#local/kernel/front-door.ts';
import type { WireRequest } from '#local/kernel/service.ts';
import { decodeChunks, STREAMING_PAYLOADS, type ChunkedBody } from './chunked-body.ts';
import { headerClaim, instantOf, queryClaim, type Claim } from './claim.ts';
import { formPolicy, usableCredentials, verifyPolicySignature } from './post-policy.ts';
import { signatureError } from './signature-errors.ts';
import {
  sameText,
  scopeText,
  sha256Hex,
  signatureOf,
  signingKey,
  stringToSign,
} from './signing.ts';

/** How far a signer's clock may be off. */
const MAX_SKEW_MS = 15 * 60 * 1000;
/** A presigned URL holds a week at most. */
const MAX_EXPIRES_SECONDS = 7 * 24 * 60 * 60;

/**
 * Checks Signature Version 4 as AWS does: in the header, in the query of a presigned URL, or of the
 * policy in an S3 form; with the body's hash, unsigned, or in signed or unsigned chunks.
 */
export function authenticator(cloud: Cloud): Authenticate {
  return (request) => {
    const service = credentialService(request);
    if (request.headers['authorization'] !== undefined) {
      return verify(cloud, request, headerClaim(request, service));
    }
    if (request.query.has('X-Amz-Signature')) {
      return verify(cloud, request, queryClaim(request, service));
    }
    const policy = service === 's3' ? formPolicy(request) : undefined;
    if (!policy) throw signatureError(service, 'missing');
    return { principal: verifyPolicySignature(cloud, policy), service };
  };
}

function verify(cloud: Cloud, request: WireRequest, claim: Claim): Identity {
  const { scope } = claim;
  const { service } = scope;
  const known = usableCredentials(cloud, service, claim.accessKeyId, claim.securityToken);
  checkScope(cloud, claim);
  checkTime(cloud.now(), claim);
  checkSignedHeaders(request, claim);
  const payloadHash = payloadHashOf(request, claim);
  const key = signingKey(known.secretAccessKey, scope);
  const expected = signatureOf(key, stringToSign(request, { ...claim, payloadHash }));
  if (!sameText(claim.signature, expected)) throw signatureError(service, 'wrongSignature');
  const decoded = decodedBody(request, payloadHash, {
    key,
    timestamp: claim.timestamp,
    scope: scopeText(scope),
    seed: claim.signature,
  });
  return { principal: known.principal, service, ...decoded };
}

function checkScope(cloud: Cloud, { scope, timestamp }: Claim): void {
  if (scope.region !== cloud.region) {
    throw signatureError(
      scope.service,
      scope.service === 's3' ? 'incomplete' : 'wrongSignature',
      `Credential should be scoped to a valid region, here ${cloud.region}.`,
    );
  }
  if (!timestamp.startsWith(`${scope.date}T`)) {
    throw signatureError(scope.service, 'wrongSignature', 'The dates of scope and request differ.');
  }
}

function checkTime(now: number, { timestamp, scope, expires }: Claim): void {
  const at = instantOf(timestamp);
  if (Number.isNaN(at)) throw signatureError(scope.service, 'incomplete');
  if (expires === undefined) {
    if (Math.abs(now - at) > MAX_SKEW_MS) throw signatureError(scope.service, 'skewedClock');
    return;
  }
  if (!Number.isInteger(expires) || expires < 1 || expires > MAX_EXPIRES_SECONDS) {
    throw new AwsError(
      'AuthorizationQueryParametersError',
      'X-Amz-Expires must be a number of seconds from 1 to 604800.',
    );
  }
  if (now > at + expires * 1000) throw new AwsError('AccessDenied', 'Request has expired', 403);
  if (at > now + MAX_SKEW_MS) throw new AwsError('AccessDenied', 'Request is not yet valid', 403);
}

function checkSignedHeaders(request: WireRequest, { signedHeaders, scope }: Claim): void {
  if (!signedHeaders.includes('host')) {
    throw signatureError(scope.service, 'wrongSignature', 'The host header must be signed.');
  }
  if (scope.service !== 's3') return;
  const unsigned = Object.keys(request.headers).filter(
    (name) =>
      name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    throw new AwsError(
      'AccessDenied',
      'There were headers present in the request which were not signed',
      403,
      {
        HeadersNotSigned: unsigned.join(', '),
      },
    );
  }
}

function payloadHashOf(request: WireRequest, { scope, expires }: Claim): string {
  const announced = request.headers['x-amz-content-sha256'];
  if (scope.service !== 's3') return sha256Hex(request.body);
  if (announced === undefined && expires === undefined) {
    throw new AwsError(
      'InvalidRequest',
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  if (announced === undefined || announced === 'UNSIGNED-PAYLOAD') return 'UNSIGNED-PAYLOAD';
  if (STREAMING_PAYLOADS.has(announced)) return announced;
  if (announced !== sha256Hex(request.body)) {
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  return announced;
}

function decodedBody(
  request: WireRequest,
  payloadHash: string,
  signing: Parameters<typeof decodeChunks>[1],
): Partial<ChunkedBody> {
  if (!STREAMING_PAYLOADS.has(payloadHash)) return {};
  const signed = payloadHash !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  const decoded = decodeChunks(request.body, signed ? signing : undefined);
  if (decoded.body.length !== Number(request.headers['x-amz-decoded-content-length'])) {
    throw new AwsError(
      'IncompleteBody',
      'The body has not the length that x-amz-decoded-content-length says.',
    );
  }
  return decoded;
}
