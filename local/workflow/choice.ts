import type { ChoiceRule, ChoiceState } from './definition.ts';
import { holds } from './choice-operators.ts';
import { typeName } from './fail.ts';
import { evaluateTemplate } from './jsonata.ts';
import { effectiveInput, leave } from './leave-state.ts';
import type { Scene, StateKind } from './scene.ts';
import { queryFailure, StateFailure } from './state-failure.ts';

/** Goes to the state of the first rule that holds, else to its Default. */
export const choice: StateKind = {
  async enter(given) {
    const scene = given as Scene<ChoiceState>;
    const rule = scene.jsonata ? await firstCondition(scene) : firstRule(scene);
    if (rule) return leave(scene, { next: rule.Next, by: rule });
    if (scene.state.Default !== undefined) return leave(scene, { next: scene.state.Default });
    throw new StateFailure(
      'States.NoChoiceMatched',
      `Failed to transition out of the state. The state '${scene.thread.stateName}' has no rule that matched and no Default.`,
    );
  },
};

function firstRule(scene: Scene<ChoiceState>): ChoiceRule | undefined {
  const sources = scene.sources(effectiveInput(scene));
  return scene.state.Choices.find((rule) => holds(rule, sources));
}

async function firstCondition(scene: Scene<ChoiceState>): Promise<ChoiceRule | undefined> {
  const bindings = scene.bindings();
  for (const [index, rule] of scene.state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const value = await evaluateTemplate(rule.Condition ?? false, bindings, field);
    if (typeof value !== 'boolean') {
      const text = typeof rule.Condition === 'string' ? rule.Condition.slice(2, -2).trim() : '';
      throw queryFailure(
        `The JSONata expression '${text}' specified for the field '${field}' returned an unexpected result type. Expected 'boolean', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`,
        field,
      );
    }
    if (value) return rule;
  }
  return undefined;
}
