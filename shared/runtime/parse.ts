import type * as z from 'zod/mini';
import { AppError } from '../errors/app-error.ts';

/**
 * Checks data from outside.
 *
 * @throws AppError `request.invalid` with one field error per fault
 */
export function parseInput<Output>(schema: z.ZodMiniType<Output>, data: unknown): Output {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue) => {
    const at = `/${issue.path.map((part) => String(part)).join('/')}`;
    if (issue.code === 'unrecognized_keys') {
      const base = at === '/' ? '' : at;
      return issue.keys.map((name) => ({
        pointer: `${base}/${name}`,
        message: 'is not a known field',
      }));
    }
    return [{ pointer: at === '/' ? '' : at, message: issue.message }];
  });
  const first = fields[0];
  throw new AppError('request.invalid', `${first?.pointer || 'The body'}: ${first?.message}`, {
    fields,
  });
}
