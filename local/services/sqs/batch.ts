import { AwsError } from '#local/kernel/aws-error.ts';
import { queryCode } from './wire.ts';

interface Entry {
  readonly Id?: string;
}

interface FailedEntry {
  readonly Id: string;
  readonly Code: string;
  readonly Message: string;
  readonly SenderFault: boolean;
}

const MOST_ENTRIES = 10;

/**
 * Does the entries of a batch one by one; each succeeds or fails alone.
 *
 * @throws AwsError for a batch that SQS refuses as a whole: empty, too many, bad or equal ids
 */
export function runBatch<Input extends Entry, Output extends object>(
  entries: readonly Input[] | undefined,
  run: (entry: Input) => Output,
): { Successful?: (Output & { Id: string })[]; Failed?: FailedEntry[] } {
  checkEntries(entries);
  const done: (Output & { Id: string })[] = [];
  const failed: FailedEntry[] = [];
  for (const entry of entries ?? []) {
    const Id = entry.Id ?? '';
    try {
      done.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed.push({
        Id,
        Code: queryCode(error),
        Message: error.message,
        SenderFault: error.status < 500,
      });
    }
  }
  return {
    ...(done.length > 0 ? { Successful: done } : {}),
    ...(failed.length > 0 ? { Failed: failed } : {}),
  };
}

function checkEntries(entries: readonly Entry[] | undefined): void {
  if (!entries || entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MOST_ENTRIES) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const seen = new Set<string>();
  for (const { Id = '' } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Id)) {
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (seen.has(Id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    seen.add(Id);
  }
}
