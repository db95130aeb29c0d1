import type { Cloud } from '#local/kernel/cloud.ts';
import type { Service } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';

/** CloudWatch Logs: the groups of the template. What is written to them goes to files. */
export function logsService(cloud: Cloud): Service {
  return {
    name: 'logs',
    actions: {},
    resources: [
      {
        type: 'AWS::Logs::LogGroup',
        upsert(resource) {
          const { LogGroupName } = takeProperties(resource, {
            served: ['LogGroupName'],
            inert: ['RetentionInDays', 'KmsKeyId', 'LogGroupClass', 'Tags'],
          }) as { LogGroupName?: string };
          const name = LogGroupName ?? resource.defaultName;
          return { ref: name, attributes: { Arn: `${cloud.arn('logs', `log-group:${name}`)}:*` } };
        },
      },
    ],
  };
}
