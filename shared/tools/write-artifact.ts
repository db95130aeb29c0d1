import * as z from 'zod/mini';
import { mediaTypeOf } from '../domain/artifact/artifact.ts';
import { FileName } from '../domain/artifact/file-name.ts';
import { defineTool } from './define-tool.ts';

export const writeArtifact = defineTool({
  name: 'write_artifact',
  version: '1',
  description: 'Keep a text as a file of this task.',
  input: z.strictObject({
    name: FileName,
    content: z.string().check(z.maxLength(200_000)),
    media_type: z.optional(z.string().check(z.maxLength(100))),
  }),
  runsIn: 'function',
  effect: 'writes',
  delivery: 'idempotent',
  preview: ({ name, content }) => ({
    headline: 'Keep a file',
    fields: [
      { label: 'File', value: name },
      { label: 'Content', value: content },
    ],
  }),
  async execute({ name, content, media_type }, { artifacts, runId }) {
    const artifact = await artifacts.write({
      name,
      mediaType: media_type ?? mediaTypeOf(name),
      body: new TextEncoder().encode(content),
      madeBy: runId,
    });
    return {
      kind: 'done',
      output: { name, size: artifact.size, sha256: artifact.sha256 },
      summary: `${name}, ${artifact.size} bytes`,
    };
  },
});
