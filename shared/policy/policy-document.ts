import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod/mini';
import { AppError, type FieldError } from '../errors/app-error.ts';
import { RISKS } from './risk.ts';

/** One rule of a policy, in the shape that `policy.yaml` has. */
export const PolicyRule = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(100)),
  /** A tool's name, one of its policy names, or a glob. */
  action: z.string().check(z.minLength(1), z.maxLength(100)),
  requires_approval: z.optional(z.boolean()),
  /** Forbids the action whatever its arguments. */
  deny: z.optional(z.boolean()),
  risk_level: z.optional(z.enum(RISKS)),
  /** Globs over every string of the input and over the host of every URL and address in it. */
  blacklist: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(253)))),
  /** The action may only run in the sandbox. */
  sandbox: z.optional(z.boolean()),
  /** The most seconds that the action may run. */
  timeout: z.optional(z.int().check(z.gte(1), z.lte(600))),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

export const PolicyDocument = z.strictObject({
  version: z.literal('1.0'),
  rules: z.array(PolicyRule).check(z.maxLength(10_000)),
});
export type PolicyDocument = z.infer<typeof PolicyDocument>;

/**
 * Reads a `policy.yaml`.
 *
 * @throws AppError `policy.invalid` with a field error per fault, each naming its line
 */
export function parsePolicy(yaml: string): PolicyDocument {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, maxAliasCount: 0 } as never);
  if (document.errors.length > 0) {
    throw invalid(
      document.errors.map((error) => ({
        pointer: `line ${lines.linePos(error.pos[0]).line}`,
        message: error.message.split('\n')[0] ?? 'not valid YAML',
      })),
    );
  }
  const parsed = PolicyDocument.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map((issue) => {
      const node = document.getIn(issue.path, true) as
        { range?: [number, number, number] } | undefined;
      const at = node?.range?.[0];
      const line = at === undefined ? '' : `line ${lines.linePos(at).line}, `;
      return { pointer: `${line}/${issue.path.join('/')}`, message: issue.message };
    }),
  );
}

function invalid(fields: readonly FieldError[]): AppError {
  const first = fields[0];
  return new AppError(
    'policy.invalid',
    `The policy is not valid: ${first?.pointer}: ${first?.message}`,
    { fields },
  );
}
