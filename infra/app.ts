import { App, Tags, type Environment } from 'aws-cdk-lib';
import { acknowledgeFindings } from './config/acknowledged-findings.ts';
import { STAGES, type Stage } from './config/stage.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { OperationsStack } from './stacks/operations-stack.ts';
import { RuntimeStack } from './stacks/runtime-stack.ts';

/** Composes a stage's stacks in an app. */
export function composeStage(app: App, stage: Stage, env?: Environment) {
  // What another stack uses cannot be deleted under it.
  app.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');
  const name = (stack: string) => `mirai-${stage.name}-${stack}`;
  const common = { stage, ...(env ? { env } : {}) };
  const data = new DataStack(app, name('data'), { ...common, terminationProtection: true });
  const runtime = new RuntimeStack(app, name('runtime'), { ...common, data });
  const api = new ApiStack(app, name('api'), { ...common, runtime });
  const operations = new OperationsStack(app, name('operations'), {
    ...common,
    data,
    runtime,
    api,
  });
  Tags.of(app).add('mirai:stage', stage.name);
  acknowledgeFindings({ data, runtime, api, operations, stage: stage.name });
  return { data, runtime, api, operations };
}

/**
 * The app of the stage that the context key `stage` names; `dev` without one.
 *
 * @param outdir folder of the assembly. @default what the CDK command line or `CDK_OUTDIR` says
 * @param validate false leaves out CloudFormation's validation, which takes 2 of 3 seconds: the
 *   tests and every deployment do it. @default true
 */
export function makeApp(outdir?: string, stageName?: string, validate = true): App {
  const app = new App({
    ...(outdir ? { outdir } : {}),
    analyticsReporting: false,
    builtinCloudFormationValidation: validate,
  });
  const wanted: unknown = stageName ?? app.node.tryGetContext('stage') ?? 'dev';
  const stage = Object.values(STAGES).find(({ name }) => name === wanted);
  if (!stage)
    throw new Error(
      `there is no stage ${String(wanted)}; known: ${Object.keys(STAGES).join(', ')}`,
    );
  composeStage(app, stage);
  return app;
}

if (import.meta.main) makeApp().synth();
