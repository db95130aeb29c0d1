import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { functionArn, functionReference } from '../function-name.ts';
import { invalidValue } from '../function-settings.ts';
import type { FunctionStore } from '../function-store.ts';
import type { ProcessFleet } from '../runtime/process-fleet.ts';

/**
 * `AWS::Lambda::Version`: a snapshot of code and settings, taken once for each logical id, which
 * lives until the resource leaves the template.
 */
export const versionResource = (store: FunctionStore, fleet: ProcessFleet): ResourceProvider => ({
  type: 'AWS::Lambda::Version',
  upsert(resource, cloud) {
    const properties = takeProperties(resource, {
      served: ['FunctionName', 'CodeSha256'],
      inert: ['Description'],
    });
    const { name } = functionReference(properties.FunctionName);
    const expected = properties.CodeSha256 as string | undefined;
    const latest = Buffer.from(store.get(name).latest.codeSha256, 'hex').toString('base64');
    if (expected !== undefined && expected !== latest) {
      throw invalidValue(`CodeSHA256 (${expected}) is different from current CodeSHA256.`);
    }
    const version = store.publish(name, resource.logicalId);
    const arn = functionArn(cloud, { name, qualifier: version });
    return { ref: arn, attributes: { Version: version, FunctionArn: arn } };
  },
  remove(ref) {
    const { name, qualifier = '' } = functionReference(ref);
    fleet.retire(name, qualifier);
    store.removeVersion(name, qualifier);
  },
});
