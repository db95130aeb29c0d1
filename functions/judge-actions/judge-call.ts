import type { Artifact } from '#shared/domain/artifact/artifact.ts';
import { callHash, effectKey } from '#shared/domain/permit/permit.ts';
import type { RunRef } from '#shared/domain/run/run.ts';
import type { ErrorCode } from '#shared/errors/error-codes.ts';
import { judge, type PolicyVerdict } from '#shared/policy/judge.ts';
import type { CurrentPolicy } from '#shared/ports/policy-source.ts';
import { bindCall } from '#shared/tools/bind-call.ts';
import { toolNamed, type AnyTool } from '#shared/tools/index.ts';

/** A call as somebody asks for it: nothing in it has been checked. */
export interface ProposedCall {
  readonly turn: number;
  readonly index: number;
  readonly tool: string;
  readonly input: unknown;
}

export type JudgedCall =
  | {
      readonly kind: 'invalid';
      readonly code: ErrorCode;
      readonly message: string;
    }
  | {
      readonly kind: 'judged';
      readonly tool: AnyTool;
      readonly input: Record<string, unknown>;
      readonly artifacts: readonly Artifact[];
      readonly callHash: string;
      readonly effectKey: string;
      readonly verdict: PolicyVerdict;
      readonly worstCase: number;
      readonly timeoutSeconds: number;
    };

/** Checks a call against its tool's schema, binds it to what it names, and asks the policy. */
export async function judgeCall(
  run: RunRef,
  call: ProposedCall,
  policy: CurrentPolicy,
  findArtifact: (name: string) => Promise<Artifact | undefined>,
): Promise<JudgedCall> {
  const tool = toolNamed(call.tool);
  if (!tool) {
    return {
      kind: 'invalid',
      code: 'tool.unknown',
      message: `There is no tool ${call.tool.slice(0, 64)}.`,
    };
  }
  const parsed = tool.input.safeParse(call.input);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`,
    );
    return { kind: 'invalid', code: 'tool.input_invalid', message: faults.slice(0, 5).join('; ') };
  }
  const artifacts: Artifact[] = [];
  for (const name of tool.artifacts(parsed.data)) {
    const artifact = await findArtifact(name);
    if (!artifact) {
      return { kind: 'invalid', code: 'artifact.not_found', message: `There is no file ${name}.` };
    }
    artifacts.push(artifact);
  }
  return verdictOn(run, call, policy, tool, parsed.data as Record<string, unknown>, artifacts);
}

function verdictOn(
  run: RunRef,
  call: ProposedCall,
  policy: CurrentPolicy,
  tool: AnyTool,
  asked: Record<string, unknown>,
  artifacts: readonly Artifact[],
): JudgedCall {
  const destination = tool.destination(asked);
  const verdict = judge(policy.policy, {
    tool: tool.name,
    policyNames: tool.policyNames,
    effect: tool.effect,
    runsIn: tool.runsIn,
    input: asked,
    destination,
    finding: tool.risk(asked),
  });
  const input = withTimeLimit(asked, verdict.timeoutSeconds);
  const canonical = bindCall(run, call, tool, input, artifacts, policy.version);
  return {
    kind: 'judged',
    tool,
    input,
    artifacts,
    callHash: callHash(canonical),
    effectKey: effectKey(canonical),
    verdict,
    worstCase: tool.worstCaseMicros(input),
    timeoutSeconds: typeof input['timeout_seconds'] === 'number' ? input['timeout_seconds'] : 0,
  };
}

/** A rule's time limit is an obligation: it shortens the call before anything is bound to it. */
function withTimeLimit(
  input: Record<string, unknown>,
  limit: number | null,
): Record<string, unknown> {
  const asked = input['timeout_seconds'];
  if (limit === null || typeof asked !== 'number' || asked <= limit) return input;
  return { ...input, timeout_seconds: limit };
}
