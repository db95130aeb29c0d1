import type { PolicyDocument, PolicyStatement } from '#local/kernel/service.ts';
import { compileCondition, malformed, type ConditionContext } from './conditions.ts';
import { compileArnPattern, compilePattern } from './pattern.ts';
import { compilePrincipal, type PrincipalMatcher } from './principals.ts';

/** A statement that is ready to be judged. */
export interface CompiledStatement {
  /** `<policy name>#<sid or index>`, behind whose policy it is. */
  readonly id: string;
  readonly effect: 'Allow' | 'Deny';
  /** As written in the policy, for messages and listings. */
  readonly source: PolicyStatement;
  readonly principal: PrincipalMatcher | undefined;
  matchesAction(lowerCaseAction: string): boolean;
  matchesResource(resource: string, context: ConditionContext): boolean;
  conditionsHold(context: ConditionContext): boolean;
}

const MEMBERS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/** Where a policy stands, which says what its statements must have. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

/**
 * The statements of a policy, checked as IAM checks them and made ready to be judged.
 *
 * @param name what statement ids begin with
 * @throws AwsError `MalformedPolicyDocument`
 */
export function compilePolicy(
  name: string,
  document: PolicyDocument,
  kind: PolicyKind,
): CompiledStatement[] {
  const statements = listOf(document.Statement as PolicyStatement | readonly PolicyStatement[]);
  if (document.Version !== '2012-10-17' && JSON.stringify(statements).includes('${')) {
    throw malformed(`${name} uses policy variables, which need the Version 2012-10-17`);
  }
  const ids = new Set<string>();
  return statements.map((statement, index) => {
    const id = `${name}#${statement.Sid ?? index}`;
    if (ids.has(id)) throw malformed(`the statement id ${id} is not unique`);
    ids.add(id);
    return compileStatement(id, statement, kind);
  });
}

function compileStatement(
  id: string,
  statement: PolicyStatement,
  kind: PolicyKind,
): CompiledStatement {
  for (const member of Object.keys(statement)) {
    if (!MEMBERS.has(member)) throw malformed(`${id} has ${member}, which is not served`);
  }
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw malformed(`${id} has no effect of Allow or Deny`);
  }
  if ((kind === 'identity') !== (statement.Principal === undefined)) {
    throw malformed(`${id} must ${kind === 'identity' ? 'not ' : ''}have a principal`);
  }
  const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      compileCondition(operator, key, listOf<unknown>(values).map(String)),
    ),
  );
  return {
    id,
    effect: statement.Effect,
    source: statement,
    principal:
      statement.Principal === undefined ? undefined : compilePrincipal(statement.Principal),
    matchesAction: actionMatcher(id, statement),
    matchesResource: resourceMatcher(id, statement, kind),
    conditionsHold: (context) => conditions.every((holds) => holds(context)),
  };
}

function actionMatcher(id: string, statement: PolicyStatement): (action: string) => boolean {
  const positive = statement.Action !== undefined;
  if (positive === (statement.NotAction !== undefined)) {
    throw malformed(`${id} must have either Action or NotAction`);
  }
  const patterns = listOf(statement.Action ?? statement.NotAction ?? []).map((action) => {
    if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action)) {
      throw malformed(`${id} has the action ${action}, which is not of the form service:Action`);
    }
    return compilePattern(action.toLowerCase(), { wildcards: true });
  });
  const none = () => undefined;
  return (action) => patterns.some((matches) => matches(action, none)) === positive;
}

function resourceMatcher(
  id: string,
  statement: PolicyStatement,
  kind: PolicyKind,
): CompiledStatement['matchesResource'] {
  const positive = statement.Resource !== undefined;
  const given = positive || statement.NotResource !== undefined;
  if (kind === 'trust' && !given) return () => true;
  if (positive === (statement.NotResource !== undefined)) {
    throw malformed(`${id} must have either Resource or NotResource`);
  }
  const patterns = listOf(statement.Resource ?? statement.NotResource ?? []).map((resource) => {
    const pattern = compileArnPattern(resource);
    if (!pattern) throw malformed(`${id} has the resource ${resource}, which is no ARN and not *`);
    return pattern;
  });
  return (resource, context) =>
    patterns.some((matches) => matches(resource, context.variable)) === positive;
}

function listOf<Value>(value: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
}
