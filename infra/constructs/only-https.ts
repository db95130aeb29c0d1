import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * The statement of a resource's policy that refuses requests without TLS. It names its actions, as
 * every statement here does, instead of the service's wildcard that the construct library writes.
 */
export const onlyHttps = (actions: string[], resources: string[]): PolicyStatement =>
  new PolicyStatement({
    sid: 'OnlyHttps',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources,
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  });
