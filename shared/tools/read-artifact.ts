import * as z from 'zod/mini';
import { FileName } from '../domain/artifact/file-name.ts';
import { defineTool } from './define-tool.ts';

export const readArtifact = defineTool({
  name: 'read_artifact',
  version: '1',
  description: 'Read a file of this task as text, from its beginning.',
  input: z.strictObject({
    name: FileName,
    /** Characters, 1 to 100,000. */
    max_chars: z._default(z.int().check(z.gte(1), z.lte(100_000)), 20_000),
  }),
  runsIn: 'function',
  effect: 'reads',
  delivery: 'idempotent',
  artifacts: ({ name }) => [name],
  preview: ({ name }) => ({ headline: 'Read a file', fields: [{ label: 'File', value: name }] }),
  async execute({ name, max_chars }, { artifacts }) {
    const artifact = await artifacts.find(name);
    if (!artifact) {
      return { kind: 'failed', code: 'artifact.not_found', message: `There is no file ${name}.` };
    }
    const text = new TextDecoder().decode(await artifacts.read(artifact));
    return {
      kind: 'done',
      output: {
        name,
        media_type: artifact.media_type,
        text: text.slice(0, max_chars),
        truncated: text.length > max_chars,
      },
      summary: `${name}, ${artifact.size} bytes`,
    };
  },
});
