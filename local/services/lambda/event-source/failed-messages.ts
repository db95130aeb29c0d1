/**
 * The ids of the messages that a function reports as failed, by the rules of
 * `ReportBatchItemFailures`: nothing, null and an empty list mean success; what cannot be
 * understood, or names a message that was not in the batch, fails the whole batch.
 *
 * @param payload the function's answer, JSON
 */
export function failedMessages(payload: string, batch: readonly string[]): ReadonlySet<string> {
  const all = new Set(batch);
  const answer = parse(payload);
  if (answer === undefined) return all;
  if (answer === null || answer === '') return new Set();
  if (typeof answer !== 'object') return all;
  const { batchItemFailures: failures } = answer as { batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return all;
  const ids = failures.map(
    (failure: unknown) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier,
  );
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all;
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return undefined;
  }
}
