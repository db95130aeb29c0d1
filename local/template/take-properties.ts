import { AwsError } from '#local/kernel/aws-error.ts';
import type { ResourceRequest } from '#local/kernel/service.ts';

/** Which properties of a resource type have an effect locally, and which are accepted without one. */
export interface KnownProperties {
  readonly served: readonly string[];
  /** Accepted and listed as "not simulated", such as `PointInTimeRecoverySpecification`. */
  readonly inert?: readonly string[];
}

const inertOnes = new WeakMap<ResourceRequest, string[]>();

/**
 * The served properties of a resource. A provider calls this first in `upsert`, so that no property
 * of a template is silently ignored.
 *
 * @example const properties = takeProperties(resource, { served: ['QueueName'], inert: ['Tags'] });
 * @throws AwsError `NotServedLocally`, naming resource and property, for one in neither list
 */
export function takeProperties(
  resource: ResourceRequest,
  known: KnownProperties,
): Readonly<Record<string, unknown>> {
  const taken = takeMembers(`${resource.type} ${resource.logicalId}`, resource.properties, known);
  const inert = (known.inert ?? []).filter((name) => resource.properties[name] !== undefined);
  inertOnes.set(resource, [...(inertOnes.get(resource) ?? []), ...inert]);
  return taken;
}

/**
 * The same for an object inside a property, such as a bucket's `VersioningConfiguration`.
 *
 * @param where what a refusal names, such as `AWS::S3::Bucket Artifacts: VersioningConfiguration`
 * @throws AwsError `NotServedLocally` for a member in neither list
 */
export function takeMembers(
  where: string,
  members: Readonly<Record<string, unknown>>,
  known: KnownProperties,
): Readonly<Record<string, unknown>> {
  const { served, inert = [] } = known;
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || served.includes(name) || inert.includes(name)) continue;
    throw new AwsError('NotServedLocally', `${where}: the property ${name} is not served.`, 501);
  }
  return Object.fromEntries(
    served.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])),
  );
}

/** The properties of a resource that its provider accepted without giving them an effect. */
export function inertProperties(resource: ResourceRequest): readonly string[] {
  return inertOnes.get(resource) ?? [];
}
