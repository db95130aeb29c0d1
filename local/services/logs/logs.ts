import type { Cloud } from '#local/kernel/cloud.ts';
import { jsonWire } from '#local/kernel/json-wire.ts';
import type { ResourceProvider, Service } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { createLogStream } from './actions/create-log-stream.ts';
import { putLogEvents } from './actions/put-log-events.ts';
import { closeLogs } from './append-log.ts';
import { LogStreams } from './log-streams.ts';

/** CloudWatch Logs: the groups of the template, whose lines go to files of the state folder. */
export function logsService(cloud: Cloud): Service {
  const streams = new LogStreams(cloud);
  return {
    name: 'logs',
    wire: jsonWire('1.1'),
    actions: {
      CreateLogStream: createLogStream(streams),
      PutLogEvents: putLogEvents(streams),
    },
    resources: [logGroupProvider(streams)],
    stop: () => closeLogs(cloud),
  };
}

/** `AWS::Logs::LogGroup`: Ref is its name, Arn ends with `:*`. */
function logGroupProvider(streams: LogStreams): ResourceProvider {
  return {
    type: 'AWS::Logs::LogGroup',
    upsert(resource, cloud) {
      const { LogGroupName: name = resource.defaultName } = takeProperties(resource, {
        served: ['LogGroupName'],
        // The files are rotated by size instead.
        inert: ['RetentionInDays', 'KmsKeyId', 'LogGroupClass', 'Tags'],
      }) as { LogGroupName?: string };
      streams.putGroup(name);
      return { ref: name, attributes: { Arn: `${cloud.arn('logs', `log-group:${name}`)}:*` } };
    },
    remove: (ref) => streams.removeGroup(ref),
  };
}
