import * as z from 'zod/mini';
import { defineTool } from './define-tool.ts';

export const listArtifacts = defineTool({
  name: 'list_artifacts',
  version: '1',
  description: 'List the files of this task: those handed in and those made so far.',
  input: z.strictObject({}),
  runsIn: 'function',
  effect: 'reads',
  delivery: 'idempotent',
  preview: () => ({ headline: 'List the files of the task', fields: [] }),
  async execute(_input, { artifacts }) {
    const files = await artifacts.list();
    return {
      kind: 'done',
      output: {
        artifacts: files.map(({ name, media_type, size, sha256 }) => ({
          name,
          media_type,
          size,
          sha256,
        })),
      },
      summary: `${files.length} files`,
    };
  },
});
