import * as z from 'zod/mini';
import { defineTool } from './define-tool.ts';

/** Writes a remark into the run's record and changes nothing else. */
export const note = defineTool({
  name: 'note',
  version: '1',
  description: 'Write a remark into the record of the run. Changes nothing else.',
  input: z.strictObject({ text: z.string().check(z.maxLength(2000)) }),
  runsIn: 'function',
  effect: 'none',
  delivery: 'idempotent',
  preview: ({ text }) => ({ headline: 'Write a remark', fields: [{ label: 'Text', value: text }] }),
  execute: async ({ text }) => ({ kind: 'done', output: { text }, summary: text.slice(0, 80) }),
});
