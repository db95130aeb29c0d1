import type { FailState } from './definition.ts';
import type { Json } from './json.ts';
import { evaluateTemplate } from './jsonata.ts';
import { readPath } from './payload-template.ts';
import type { Scene, StateKind } from './scene.ts';
import { queryFailure, runtimeFailure, type Failure } from './state-failure.ts';

/** Thrown by a Fail state: what its author wrote, not a mishap. */
export class DeclaredFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.cause);
    this.failure = failure;
  }
}

/** Fails its branch with the Error and Cause that it names. */
export const fail: StateKind = {
  async enter(scene) {
    const error = await textOf(scene as Scene<FailState>, 'Error');
    const cause = await textOf(scene as Scene<FailState>, 'Cause');
    throw new DeclaredFailure({
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
  },
};

async function textOf(
  scene: Scene<FailState>,
  field: 'Error' | 'Cause',
): Promise<string | undefined> {
  const literal = scene.state[field];
  if (literal !== undefined) {
    return scene.jsonata
      ? asText(await evaluateTemplate(literal, scene.bindings(), field), field, literal)
      : literal;
  }
  const path = scene.state[`${field}Path`];
  if (path === undefined) return undefined;
  const value = readPath(path, `${field}Path`, scene.sources(scene.thread.input.value));
  if (typeof value !== 'string') {
    throw runtimeFailure(`The ${field}Path field refers to a value which is not a string: ${path}`);
  }
  return value;
}

function asText(value: Json, field: string, expression: string): string {
  if (typeof value === 'string') return value;
  const inner = expression.slice(2, -2).trim();
  throw queryFailure(
    `The JSONata expression '${inner}' specified for the field '${field}' returned an unexpected result type. Expected 'string', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`,
    field,
  );
}

/** The name of a JSON type as AWS's causes spell it. */
export function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
