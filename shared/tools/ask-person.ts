import * as z from 'zod/mini';
import { defineTool } from './define-tool.ts';

/** Asks a person a question; the answer comes back as the observation. */
export const askPerson = defineTool({
  name: 'ask_person',
  version: '1',
  description: 'Ask a person a question and wait for the answer.',
  input: z.strictObject({ question: z.string().check(z.minLength(1), z.maxLength(2000)) }),
  runsIn: 'person',
  effect: 'none',
  delivery: 'idempotent',
  preview: ({ question }) => ({
    headline: 'The agent asks',
    fields: [{ label: 'Question', value: question }],
  }),
});
