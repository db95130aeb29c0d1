import * as z from 'zod/mini';

/** A kept, immutable file. Its name points to it within one task. */
export const Artifact = z.object({
  v: z.literal(1),
  artifact_id: z.string(),
  tenant: z.string(),
  task_id: z.string(),
  name: z.string(),
  media_type: z.string(),
  size: z.int(),
  sha256: z.string(),
  key: z.string(),
  created_at: z.string(),
  made_by: z.string(),
});
export type Artifact = z.infer<typeof Artifact>;

const TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  txt: 'text/plain',
  md: 'text/markdown',
  json: 'application/json',
  html: 'text/html',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** The media type that a file's ending suggests. */
export const mediaTypeOf = (name: string): string =>
  TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
