import type * as z from 'zod/mini';
import type { Preview } from '../domain/approval/approval.ts';
import type { Artifact } from '../domain/artifact/artifact.ts';
import type { Delivery, EffectName } from '../domain/effect/effect.ts';
import type { Executor } from '../domain/run/run.ts';
import type { ErrorCode } from '../errors/error-codes.ts';
import type { ArtifactShelf } from '../ports/artifact-shelf.ts';
import type { Mailer } from '../ports/mailer.ts';
import type { PageFetcher } from '../ports/page-fetcher.ts';
import type { RiskFinding } from '../policy/risk.ts';

/** What a tool may use while it runs in a function. */
export interface ToolContext {
  readonly artifacts: ArtifactShelf;
  readonly mailer: Mailer;
  readonly fetcher: PageFetcher;
  readonly effect: EffectName;
  readonly runId: string;
}

export type ToolResult =
  | { readonly kind: 'done'; readonly output: unknown; readonly summary: string }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
    };

/**
 * A capability that a model or a workflow may ask for. Schema, default policy, routing and the
 * contract test follow from this one definition.
 */
export interface ToolDefinition<Input> {
  readonly name: string;
  /** Raised when the meaning of an input changes; approvals and effects are bound to it. */
  readonly version: string;
  readonly description: string;
  readonly input: z.ZodMiniType<Input>;
  readonly runsIn: Executor;
  /** What it does to the world outside the run: without a rule, `external` asks, the others may. */
  readonly effect: 'none' | 'reads' | 'writes' | 'external';
  readonly delivery: Delivery;
  /** Further names under which policy rules may speak of it, such as `execute_code`. */
  readonly policyNames: readonly string[];
  /** Names of the artifacts that an input refers to; approvals are bound to what they hold. */
  artifacts(input: Input): readonly string[];
  /** The address, host or account that the call reaches. */
  destination(input: Input): string | null;
  risk(input: Input): RiskFinding;
  /** The most that one call can cost, in micro-dollars. */
  worstCaseMicros(input: Input): number;
  /** Exactly what would happen, for a person. */
  preview(input: Input, artifacts: readonly Artifact[]): Preview;
  /** Absent for tools of the sandbox and of a person. */
  readonly execute?: (input: Input, context: ToolContext) => Promise<ToolResult>;
}

type Optional = 'policyNames' | 'artifacts' | 'destination' | 'risk' | 'worstCaseMicros';

/** Makes a tool definition; what is left out means: no other name, no artifact, nowhere, low, free. */
export function defineTool<Input>(
  tool: Omit<ToolDefinition<Input>, Optional> & Partial<Pick<ToolDefinition<Input>, Optional>>,
): ToolDefinition<Input> {
  return {
    policyNames: [],
    artifacts: () => [],
    destination: () => null,
    risk: () => ({ risk: 'low', reasons: [] }),
    worstCaseMicros: () => 0,
    ...tool,
  };
}
