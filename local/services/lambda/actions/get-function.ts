import { pathToFileURL } from 'node:url';
import type { Action } from '#local/kernel/service.ts';
import type { CodeFolders } from '../code-folder.ts';
import { describeFunction } from '../function-description.ts';
import { functionArn, functionReference } from '../function-name.ts';
import type { FunctionStore } from '../function-store.ts';

interface Input {
  readonly FunctionName: string;
  readonly Qualifier?: string;
}

/** A function with where its code lies: locally a folder, not a presigned zip. */
export const getFunctionAction = (store: FunctionStore, code: CodeFolders): Action<Input> => ({
  reads: true,
  authorize({ FunctionName, Qualifier }, { cloud }) {
    const reference = functionReference(FunctionName, Qualifier);
    return [{ action: 'lambda:GetFunction', resource: functionArn(cloud, reference) }];
  },
  run({ FunctionName, Qualifier }, { cloud }) {
    const reference = functionReference(FunctionName, Qualifier);
    const revision = store.revision(reference);
    const { reservedConcurrency } = store.get(reference.name);
    const folder = pathToFileURL(code.path(revision.codeSha256)).href;
    return {
      Configuration: describeFunction(cloud, revision, reference),
      Code: { RepositoryType: 'S3', Location: folder },
      ...(reservedConcurrency !== undefined && {
        Concurrency: { ReservedConcurrentExecutions: reservedConcurrency },
      }),
    };
  },
});
