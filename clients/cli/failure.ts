import * as z from 'zod/mini';

// Errors of the runtime are told by their shape: `instanceof` fails across realms.
const Failure = z.looseObject({ message: z.string(), code: z.optional(z.unknown()) });
const WithCause = z.looseObject({ cause: Failure });

/** What an error of any kind says. */
export function messageOf(error: unknown): string {
  const parsed = Failure.safeParse(error);
  return parsed.success ? parsed.data.message : String(error);
}

/** The system's name of a failure, such as ECONNREFUSED, of the error itself or of its cause. */
export function systemCode(error: unknown): string | undefined {
  const own = Failure.safeParse(error).data?.code;
  const code = own ?? WithCause.safeParse(error).data?.cause.code;
  return typeof code === 'string' ? code : undefined;
}
