import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import type { EcsContext } from '../ecs-context.ts';

/** `AWS::ECS::Cluster`; `Ref` is its name. */
export const clusterResource = ({ clusters }: EcsContext): ResourceProvider => ({
  type: 'AWS::ECS::Cluster',
  upsert(resource) {
    const { ClusterName } = takeProperties(resource, {
      served: ['ClusterName'],
      inert: ['CapacityProviders', 'ClusterSettings', 'Configuration', 'Tags'],
    });
    const name = (ClusterName as string | undefined) ?? resource.defaultName;
    clusters.put(name);
    return { ref: name, attributes: { Arn: clusters.arn(name) } };
  },
  remove: (ref) => clusters.remove(ref),
});

/** Which capacity a cluster may use: there is one kind locally. */
export const capacityProvidersResource: ResourceProvider = {
  type: 'AWS::ECS::ClusterCapacityProviderAssociations',
  upsert(resource) {
    takeProperties(resource, {
      served: ['Cluster'],
      inert: ['CapacityProviders', 'DefaultCapacityProviderStrategy'],
    });
    return { ref: String(resource.properties['Cluster']), attributes: {} };
  },
};
