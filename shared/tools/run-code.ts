import * as z from 'zod/mini';
import { FileName } from '../domain/artifact/file-name.ts';
import { scanCode } from '../policy/scan-code.ts';
import { defineTool } from './define-tool.ts';

/**
 * A quarter vCPU and half a GB on Fargate (arm64, us-east-1) cost 0.25 × 0.03238 + 0.5 × 0.00356 USD
 * an hour: 2.74 micro-dollars a second, rounded up. Source: the price list in bench/cost.
 */
export const SANDBOX_MICROS_PER_SECOND = 3;

export const RunCodeInput = z.strictObject({
  language: z.enum(['python', 'javascript', 'bash']),
  code: z.string().check(z.minLength(1), z.maxLength(200_000)),
  args: z._default(z.array(z.string().check(z.maxLength(4096))).check(z.maxLength(64)), []),
  stdin: z._default(z.string().check(z.maxLength(200_000)), ''),
  files: z._default(z.array(FileName).check(z.maxLength(20)), []),
  timeout_seconds: z._default(z.int().check(z.gte(1), z.lte(600)), 30),
});

export const runCode = defineTool({
  name: 'run_code',
  version: '1',
  description:
    'Run a program in an isolated sandbox without network. Files named in `files` are in /workspace; whatever the program writes to /workspace/out becomes a file of this task.',
  input: RunCodeInput,
  runsIn: 'sandbox',
  effect: 'writes',
  delivery: 'idempotent',
  policyNames: ['execute_code'],
  artifacts: ({ files }) => files,
  risk: ({ code, args, stdin }) => scanCode([code, ...args, stdin].join('\n')),
  worstCaseMicros: ({ timeout_seconds }) => timeout_seconds * SANDBOX_MICROS_PER_SECOND,
  preview: ({ language, code, files, timeout_seconds }) => ({
    headline: `Run ${language} in the sandbox`,
    fields: [
      { label: 'Code', value: code },
      ...(files.length > 0 ? [{ label: 'Files', value: files.join(', ') }] : []),
      { label: 'Time limit', value: `${timeout_seconds} s` },
    ],
  }),
});
