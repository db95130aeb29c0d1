import { AwsError } from '#local/kernel/aws-error.ts';

/** Why a signature is not accepted. */
export type SignatureFault =
  | 'missing'
  | 'incomplete'
  | 'unknownKey'
  | 'wrongSignature'
  | 'wrongToken'
  | 'expiredToken'
  | 'skewedClock';

type Family = 's3' | 'query' | 'json';

const QUERY = new Set(['sts', 'iam', 'sqs']);
/** Services of the REST JSON protocol, which answer 403 where the JSON protocol answers 400. */
const REST = new Set(['lambda', 'ses', 'execute-api', 'scheduler']);

const CODES: Readonly<Record<SignatureFault, Readonly<Record<Family, string>>>> = {
  missing: {
    s3: 'AccessDenied',
    query: 'MissingAuthenticationToken',
    json: 'MissingAuthenticationTokenException',
  },
  incomplete: {
    s3: 'AuthorizationHeaderMalformed',
    query: 'IncompleteSignature',
    json: 'IncompleteSignatureException',
  },
  unknownKey: {
    s3: 'InvalidAccessKeyId',
    query: 'InvalidClientTokenId',
    json: 'UnrecognizedClientException',
  },
  wrongSignature: {
    s3: 'SignatureDoesNotMatch',
    query: 'SignatureDoesNotMatch',
    json: 'InvalidSignatureException',
  },
  wrongToken: {
    s3: 'InvalidToken',
    query: 'InvalidClientTokenId',
    json: 'UnrecognizedClientException',
  },
  expiredToken: { s3: 'ExpiredToken', query: 'ExpiredToken', json: 'ExpiredTokenException' },
  skewedClock: {
    s3: 'RequestTimeTooSkewed',
    query: 'SignatureDoesNotMatch',
    json: 'InvalidSignatureException',
  },
};

const MESSAGES: Readonly<Record<SignatureFault, string>> = {
  missing: 'The request carries no signature.',
  incomplete: 'The signature is not complete.',
  unknownKey: 'The security token included in the request is invalid.',
  wrongSignature:
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  wrongToken: 'The security token included in the request is invalid.',
  expiredToken: 'The security token included in the request is expired.',
  skewedClock: "The difference between the request time and the server's time is too large.",
};

/** S3's faults that are HTTP 400; its others are 403. */
const S3_BAD_REQUEST = new Set<SignatureFault>(['incomplete', 'wrongToken', 'expiredToken']);

/** A signature fault under the name and status that a service gives it. @param message in place of the usual one */
export function signatureError(
  service: string,
  fault: SignatureFault,
  message: string = MESSAGES[fault],
): AwsError {
  const family: Family = service === 's3' ? 's3' : QUERY.has(service) ? 'query' : 'json';
  const forbidden =
    family === 's3' ? !S3_BAD_REQUEST.has(fault) : family === 'query' || REST.has(service);
  return new AwsError(CODES[fault][family], message, forbidden ? 403 : 400);
}
