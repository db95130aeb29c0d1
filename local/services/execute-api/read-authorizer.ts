import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import { takeMembers } from '#local/template/take-properties.ts';
import type { Authorizer, IdentitySource } from './api-definition.ts';
import { functionOfUri } from './read-integration.ts';

type Members = Readonly<Record<string, unknown>>;

/** How long an answer is kept, in seconds: unless told otherwise, and at most. */
const TTL_SECONDS = { usual: 300, most: 3600 };

/**
 * Reads a security scheme that a function decides.
 *
 * @throws AwsError `NotServedLocally` for API keys of usage plans, IAM and Cognito
 */
export function readAuthorizer(where: string, id: string, scheme: Members): Authorizer {
  const members = takeMembers(where, scheme, {
    served: [
      'type',
      'name',
      'in',
      'x-amazon-apigateway-authtype',
      'x-amazon-apigateway-authorizer',
    ],
    inert: ['description'],
  });
  const { 'x-amazon-apigateway-authorizer': authorizer, name } = members;
  if (authorizer === undefined || members['x-amazon-apigateway-authtype'] !== 'custom') {
    throw notServed(`security schemes without a Lambda authorizer (${where})`);
  }
  const own = takeMembers(`${where}: x-amazon-apigateway-authorizer`, authorizer as Members, {
    served: [
      'type',
      'authorizerUri',
      'authorizerResultTtlInSeconds',
      'identitySource',
      'identityValidationExpression',
    ],
  });
  const { type, identityValidationExpression: expression } = own;
  if (type !== 'request' && type !== 'token') {
    throw notServed(`authorizers of the type ${String(type)} (${where})`);
  }
  const ttlSeconds = Number(own.authorizerResultTtlInSeconds ?? TTL_SECONDS.usual);
  if (!(ttlSeconds >= 0 && ttlSeconds <= TTL_SECONDS.most)) {
    throw badRequest(`${where}: an answer is kept from 0 to ${TTL_SECONDS.most} seconds.`);
  }
  const header = `method.request.header.${String(name)}`;
  const named = own.identitySource as string | undefined;
  const source = type === 'token' ? (named ?? header) : (named ?? '');
  const identitySources = source === '' ? [] : source.split(',').map((one) => sourceOf(where, one));
  if (identitySources.length === 0 && ttlSeconds > 0) {
    throw badRequest(`${where}: answers can only be kept by an identity source.`);
  }
  return {
    id,
    kind: type,
    functionArn: functionOfUri(where, own.authorizerUri),
    identitySources,
    ...(typeof expression === 'string' && { validation: new RegExp(`^(?:${expression})$`) }),
    ttlSeconds,
  };
}

function sourceOf(where: string, source: string): IdentitySource {
  const match = /^method\.request\.(header|querystring)\.(\S+)$/.exec(source.trim());
  if (!match?.[2]) throw notServed(`the identity source ${source} (${where})`);
  return match[1] === 'header'
    ? { from: 'header', name: match[2].toLowerCase() }
    : { from: 'querystring', name: match[2] };
}

const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message);
