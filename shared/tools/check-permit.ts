import type { Action } from '../domain/action/action.ts';
import type { Artifact } from '../domain/artifact/artifact.ts';
import { callHash, effectKey, type Permit, type PermittedAction } from '../domain/permit/permit.ts';
import type { ActionTicket, Executor, RunRef, SignedPermit } from '../domain/run/run.ts';
import { AppError } from '../errors/app-error.ts';
import type { PermitVerifier } from '../ports/permits.ts';
import { bindCall } from './bind-call.ts';
import { toolNamed, type AnyTool } from './index.ts';

export interface PermitCheck {
  readonly verifier: PermitVerifier;
  readonly stage: string;
  readonly now: number;
  readonly executor: Executor;
  readonly findArtifact: (name: string) => Promise<Artifact | undefined>;
}

/**
 * Holds an action, as it is about to be carried out, against the signed permit: the hashes are
 * computed anew from the stored input and from what the named artifacts hold now.
 *
 * @throws AppError `permit.invalid` when anything differs, `permit.expired` when it is too late
 */
export async function checkPermit(
  asked: { readonly run: RunRef; readonly action: ActionTicket; readonly permit: SignedPermit },
  action: Action,
  check: PermitCheck,
): Promise<{
  readonly tool: AnyTool;
  readonly permitted: PermittedAction;
  readonly artifacts: readonly Artifact[];
}> {
  const { run, action: ticket } = asked;
  const permit = await check.verifier.verify(asked.permit);
  const permitted = permit.actions.find(({ index }) => index === ticket.index);
  const tool = toolNamed(action.tool);
  if (
    !isFor(permit, asked, check.stage) ||
    !permitted ||
    !tool ||
    permitted.executor !== check.executor
  ) {
    throw new AppError(
      'permit.invalid',
      'The permit is for another run, turn, action or executor.',
    );
  }
  if (Date.parse(permit.expires_at) < check.now) {
    throw new AppError('permit.expired', `The permit ended at ${permit.expires_at}.`);
  }
  const artifacts: Artifact[] = [];
  for (const name of tool.artifacts(action.input)) {
    const artifact = await check.findArtifact(name);
    if (artifact) artifacts.push(artifact);
  }
  const call = bindCall(run, ticket, tool, action.input ?? {}, artifacts, permitted.policy_version);
  if (callHash(call) !== permitted.call_hash || effectKey(call) !== permitted.effect_key) {
    throw new AppError('permit.invalid', 'The action differs from what was permitted.');
  }
  return { tool, permitted, artifacts };
}

const isFor = (
  permit: Permit,
  { run, action }: { readonly run: RunRef; readonly action: ActionTicket },
  stage: string,
): boolean =>
  permit.stage === stage &&
  permit.tenant === run.tenant &&
  permit.task_id === run.task_id &&
  permit.run_id === run.run_id &&
  permit.generation === run.generation &&
  permit.turn === action.turn;
