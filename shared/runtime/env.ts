import type * as z from 'zod/mini';

/**
 * Reads and checks the environment of a function, once, when it starts. The only place that reads
 * the process environment.
 *
 * @throws Error naming every variable that is missing or wrong
 */
export function loadEnv<Env>(schema: z.ZodMiniType<Env>): Env {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is not complete: ${faults.join('; ')}`);
}
