import * as z from 'zod/mini';

/** The name of a file or artifact: no path, no control characters, at most 120 characters. */
export const FileName = z.string().check(
  z.minLength(1),
  z.maxLength(120),
  z.regex(/^[^/\\\p{Cc}]+$/u, 'must be a plain file name'),
  z.refine((name) => name !== '.' && name !== '..', 'must be a plain file name'),
);
