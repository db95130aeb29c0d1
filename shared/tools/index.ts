import { askPerson } from './ask-person.ts';
import type { ToolDefinition } from './define-tool.ts';
import { fetchUrl } from './fetch-url.ts';
import { listArtifacts } from './list-artifacts.ts';
import { note } from './note.ts';
import { readArtifact } from './read-artifact.ts';
import { runCode } from './run-code.ts';
import { sendEmail } from './send-email.ts';
import { writeArtifact } from './write-artifact.ts';

/** Every tool, by name: the register. One line adds one. */
export const TOOLS = {
  ask_person: askPerson,
  fetch_url: fetchUrl,
  list_artifacts: listArtifacts,
  note,
  read_artifact: readArtifact,
  run_code: runCode,
  send_email: sendEmail,
  write_artifact: writeArtifact,
} as const satisfies Record<string, { readonly name: string }>;

// A tool's own functions are only called with input that its own schema has parsed.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyTool = ToolDefinition<any>;

/** The tool of that name, or undefined. */
export const toolNamed = (name: string): AnyTool | undefined =>
  Object.hasOwn(TOOLS, name) ? (TOOLS as Readonly<Record<string, AnyTool>>)[name] : undefined;
