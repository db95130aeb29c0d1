import { AwsError } from '#local/kernel/aws-error.ts';
import type { IamRequest } from '#local/kernel/service.ts';
import type { PlacedStatement } from './policy-book.ts';
import type { PrincipalFacts } from './policy/principals.ts';
import type { RequestContext } from './policy/request-context.ts';

/** Everything that a denial is explained from. */
export interface Verdicts {
  /** Statements that speak of the action and, in resource policies, of the principal. */
  readonly identity: readonly PlacedStatement[];
  readonly resource: readonly PlacedStatement[];
  readonly request: IamRequest;
  readonly context: RequestContext;
  readonly facts: PrincipalFacts;
}

/** Services whose denials are called `AccessDenied` (HTTP 403); the others say `AccessDeniedException`. */
const SHORT_NAME = new Set(['s3', 'sqs', 'sts']);
/** Services of the REST JSON protocol, which answer 403 where the JSON protocol answers 400. */
const REST = new Set(['lambda', 'ses', 'execute-api', 'scheduler']);

/**
 * The error of a call that is not allowed: who may not do what to which resource, and the statement
 * that denies it or that is missing; or, when a statement fails by its condition or resource only, that one.
 *
 * @param explicit the statement that denies, if one does
 */
export function denial(
  verdicts: Verdicts,
  explicit?: { readonly by: string; readonly kind: 'identity' | 'resource' },
): AwsError {
  const { action, resource } = verdicts.request;
  const on = resource === '*' ? '' : ` on resource: ${resource}`;
  const subject = `${who(verdicts.facts)} is not authorized to perform: ${action}${on}`;
  const why = explicit
    ? `with an explicit deny in ${article(explicit.kind)} policy (statement: ${explicit.by})`
    : missing(verdicts);
  const service = action.split(':')[0] ?? '';
  const short = SHORT_NAME.has(service);
  const status = short || REST.has(service) ? 403 : 400;
  return new AwsError(
    short ? 'AccessDenied' : 'AccessDeniedException',
    `${subject} ${why}`,
    status,
  );
}

function who({ principal, account, sessionArn }: PrincipalFacts): string {
  switch (principal.kind) {
    case 'root':
      return `User: arn:aws:iam::${account}:root`;
    case 'role':
      return `User: ${sessionArn}`;
    case 'service':
      return `Service: ${principal.service}${principal.sourceArn ? ` for ${principal.sourceArn}` : ''}`;
  }
}

const article = (kind: 'identity' | 'resource'): string =>
  kind === 'identity' ? 'an identity-based' : 'a resource-based';

function missing(verdicts: Verdicts): string {
  const { request, facts } = verdicts;
  const statement = { Effect: 'Allow', Action: request.action, Resource: request.resource };
  const kind = missingKind(verdicts);
  const text =
    kind === 'identity'
      ? JSON.stringify(statement)
      : JSON.stringify({ ...statement, Principal: principalElement(facts) });
  return (
    `because no ${kind}-based policy allows the ${request.action} action ` +
    `(missing statement: ${text}${nearMisses(verdicts, kind)})`
  );
}

function missingKind({ facts, identity, request, context }: Verdicts): 'identity' | 'resource' {
  if (facts.principal.kind !== 'role') return 'resource';
  const allowed = identity.some(
    ({ statement }) =>
      statement.effect === 'Allow' &&
      statement.matchesResource(request.resource, context) &&
      statement.conditionsHold(context),
  );
  return allowed ? 'resource' : 'identity';
}

const principalElement = ({ principal, principalArn }: PrincipalFacts): unknown =>
  principal.kind === 'service' ? { Service: principal.service } : { AWS: principalArn };

/** The statements that would allow it but for their condition or their resource. */
function nearMisses(verdicts: Verdicts, kind: 'identity' | 'resource'): string {
  const { request, context } = verdicts;
  return [...(kind === 'identity' ? verdicts.identity : []), ...verdicts.resource]
    .filter(({ statement }) => statement.effect === 'Allow')
    .flatMap(({ statement, fullId }) => {
      if (!statement.matchesResource(request.resource, context)) {
        return [`; ${fullId} allows it on ${JSON.stringify(statement.source.Resource)} only`];
      }
      return statement.conditionsHold(context)
        ? []
        : [
            `; ${fullId} would allow it but for its condition ${JSON.stringify(statement.source.Condition)}`,
          ];
    })
    .join('');
}
