import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod/mini';
import { AppError } from '../errors/app-error.ts';
import { logger } from './logger.ts';

/**
 * A handler that a state machine or an event rule calls: input and output are checked, and an error
 * leaves with its dotted code as its name, which `ErrorEquals` matches.
 */
export function wrapState<Input, Output>(
  schemas: { readonly input: z.ZodMiniType<Input>; readonly output?: z.ZodMiniType<Output> },
  work: (input: Input) => Promise<Output>,
) {
  return middy<unknown, Output, Error, Context>()
    .use({
      onError: ({ error }: middy.Request<unknown, Output, Error>) => {
        const code = error instanceof AppError ? error.code : error?.name;
        logger.error('the function failed', { code, error: error ?? undefined });
      },
    })
    .handler(async (event: unknown) => {
      const input = schemas.input.parse(event);
      const output = await work(input);
      return schemas.output ? schemas.output.parse(output) : output;
    });
}
