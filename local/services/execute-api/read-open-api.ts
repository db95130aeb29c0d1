import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import { takeMembers } from '#local/template/take-properties.ts';
import type { ApiDefinition, Authorizer, Method, Resource } from './api-definition.ts';
import { readAuthorizer } from './read-authorizer.ts';
import { readIntegration } from './read-integration.ts';
import { shortId } from './short-id.ts';

type Members = Readonly<Record<string, unknown>>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const ANY = 'x-amazon-apigateway-any-method';

/**
 * Reads the OpenAPI 3.0 body of a REST API.
 *
 * @param where what a refusal names
 * @param apiId ten characters
 * @throws AwsError `NotServedLocally`, naming the member, or BadRequestException as API Gateway
 */
export function readOpenApi(where: string, apiId: string, body: unknown): ApiDefinition {
  const { openapi, paths, components } = takeMembers(where, body as Members, {
    served: ['openapi', 'paths', 'components'],
    inert: ['info', 'tags', 'servers'],
  });
  if (typeof openapi !== 'string' || !openapi.startsWith('3.0.')) {
    throw notServed(`API bodies other than OpenAPI 3.0 (${where})`);
  }
  const authorizers = readAuthorizers(where, apiId, (components ?? {}) as Members);
  const resources = Object.entries((paths ?? {}) as Record<string, Members>).map(
    ([path, operations]): Resource => ({
      id: shortId(`${apiId}${path}`, 6),
      path: checkedPath(path),
      methods: new Map(
        Object.entries(operations)
          .filter(([name]) => name !== 'parameters')
          .map(([name, operation]) => [
            methodName(`${where} ${path}`, name),
            readMethod(`${where} ${name} ${path}`, operation as Members, authorizers),
          ]),
      ),
    }),
  );
  return { id: apiId, resources };
}

function readAuthorizers(
  where: string,
  apiId: string,
  components: Members,
): ReadonlyMap<string, Authorizer> {
  const { securitySchemes = {} } = takeMembers(`${where}: components`, components, {
    served: ['securitySchemes'],
    inert: ['schemas'],
  });
  return new Map(
    Object.entries(securitySchemes as Record<string, Members>).map(([name, scheme]) => [
      name,
      readAuthorizer(`${where}: ${name}`, shortId(`${apiId}/${name}`, 6), scheme),
    ]),
  );
}

function methodName(where: string, name: string): string {
  if (name === ANY) return 'ANY';
  if (METHODS.includes(name)) return name.toUpperCase();
  throw notServed(`${name} of ${where}`);
}

function readMethod(
  where: string,
  operation: Members,
  authorizers: ReadonlyMap<string, Authorizer>,
): Method {
  const members = takeMembers(where, operation, {
    served: ['security', 'x-amazon-apigateway-integration'],
    inert: [
      'description',
      'operationId',
      'parameters',
      'requestBody',
      'responses',
      'summary',
      'tags',
    ],
  });
  const authorizer = authorizerOf(where, members.security, authorizers);
  return {
    ...readIntegration(where, members['x-amazon-apigateway-integration']),
    ...(authorizer && { authorizer }),
  };
}

function authorizerOf(
  where: string,
  security: unknown,
  authorizers: ReadonlyMap<string, Authorizer>,
): Authorizer | undefined {
  const names = ((security ?? []) as readonly object[]).flatMap((entry) => Object.keys(entry));
  if (names.length > 1) throw notServed(`several security schemes for ${where}`);
  const [name] = names;
  if (name === undefined) return undefined;
  const authorizer = authorizers.get(name);
  if (authorizer) return authorizer;
  throw new AwsError('BadRequestException', `${where}: no security scheme is named ${name}.`);
}

/** What a part of a path may be: letters, digits and signs, `{name}`, or `{name+}` at the end. */
function checkedPath(path: string): string {
  const parts = path.split('/').slice(1);
  const isGood = parts.every(
    (part, index) =>
      /^[\w.:~-]+$/.test(part) ||
      /^\{[\w.-]+\}$/.test(part) ||
      (/^\{[\w.-]+\+\}$/.test(part) && index === parts.length - 1),
  );
  if (path === '/' || (path.startsWith('/') && isGood)) return path;
  throw new AwsError('BadRequestException', `Resource's path part is not valid: ${path}`);
}
