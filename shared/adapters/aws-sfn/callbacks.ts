import {
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { Callbacks } from '#shared/ports/callback-token.ts';
import { openToken } from '../aws-kms/token-seal.ts';

const sfn = new SFNClient({});

/** Wakes Step Functions states by sealed callback tokens. */
export function sfnCallbacks(tokenKeyId: string): Callbacks {
  return {
    succeed: async (sealed, tenant, runId, output) => {
      const taskToken = await openToken(tokenKeyId, sealed, tenant, runId);
      return unlessGone(() => succeedToken(taskToken, output));
    },
    fail: async (sealed, tenant, runId, code, cause) => {
      const taskToken = await openToken(tokenKeyId, sealed, tenant, runId);
      return unlessGone(() =>
        sfn.send(new SendTaskFailureCommand({ taskToken, error: code, cause })),
      );
    },
  };
}

/** Answers a callback token that was never stored. @returns false when nobody waits any more */
export const answerToken = (token: string, output: unknown): Promise<boolean> =>
  unlessGone(() => succeedToken(token, output));

const succeedToken = (taskToken: string, output: unknown) =>
  sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));

async function unlessGone(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (
      error instanceof TaskTimedOut ||
      error instanceof TaskDoesNotExist ||
      error instanceof InvalidToken
    ) {
      return false;
    }
    throw error;
  }
}
