import type { Artifact } from '../domain/artifact/artifact.ts';
import type { CanonicalCall } from '../domain/permit/permit.ts';
import type { RunRef } from '../domain/run/run.ts';
import type { AnyTool } from './index.ts';

/** The canonical form of a call: made by the judge, and again by the executor before it acts. */
export function bindCall(
  run: RunRef,
  place: { readonly turn: number; readonly index: number },
  tool: AnyTool,
  input: Readonly<Record<string, unknown>>,
  artifacts: readonly Artifact[],
  policyVersion: number,
): CanonicalCall {
  return {
    tool: tool.name,
    tool_version: tool.version,
    input,
    artifacts: artifacts.map(({ name, sha256 }) => ({ name, sha256 })),
    destination: tool.destination(input),
    tenant: run.tenant,
    task_id: run.task_id,
    run_id: run.run_id,
    turn: place.turn,
    index: place.index,
    policy_version: policyVersion,
  };
}
