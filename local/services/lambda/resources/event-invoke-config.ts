import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { functionReference } from '../function-name.ts';
import type { FunctionStore } from '../function-store.ts';
import type { InvokeConfigStore } from '../invoke-config-store.ts';

/** `AWS::Lambda::EventInvokeConfig`: how often and how long asynchronous events are tried. */
export const eventInvokeConfigResource = (
  store: FunctionStore,
  configs: InvokeConfigStore,
): ResourceProvider => ({
  type: 'AWS::Lambda::EventInvokeConfig',
  upsert(resource) {
    const properties = takeProperties(resource, {
      served: ['FunctionName', 'Qualifier', 'MaximumRetryAttempts', 'MaximumEventAgeInSeconds'],
    });
    const reference = functionReference(properties.FunctionName, properties.Qualifier);
    const { name, qualifier = '$LATEST' } = reference;
    store.revision(reference);
    const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age } = properties;
    configs.put(name, qualifier, {
      ...(retries !== undefined && { maxRetries: Number(retries) }),
      ...(age !== undefined && { maxAgeSeconds: Number(age) }),
    });
    return { ref: `${name}:${qualifier}`, attributes: {} };
  },
  remove(ref) {
    const { name, qualifier = '$LATEST' } = functionReference(ref);
    configs.remove(name, qualifier);
  },
});
