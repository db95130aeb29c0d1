import { checkValue, type AttributeValue } from '../values/attribute-value.ts';
import { invalid } from '../validation.ts';
import type { Parsed, PathStep, PathSyntax } from './syntax.ts';

/** The members of a request that give expressions their names and values. */
export interface PlaceholderInput {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

/** A path with its placeholders resolved: attribute names and list indexes. */
export type Path = readonly (string | number)[];

const NAME_KEY = /^#[A-Za-z0-9_]+$/;
const VALUE_KEY = /^:[A-Za-z0-9_]+$/;

/** What `#names` and `:values` stand for in one request. */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #usedNames = new Set<string>();
  readonly #usedValues = new Set<string>();

  /** @throws AwsError ValidationException for empty or malformed maps */
  constructor(input: PlaceholderInput) {
    this.#names = new Map(Object.entries(input.ExpressionAttributeNames ?? {}));
    if (input.ExpressionAttributeNames && this.#names.size === 0) {
      throw invalid('ExpressionAttributeNames must not be empty');
    }
    for (const key of this.#names.keys()) requireSyntax('ExpressionAttributeNames', key, NAME_KEY);
    const values = Object.entries(input.ExpressionAttributeValues ?? {});
    if (input.ExpressionAttributeValues && values.length === 0) {
      throw invalid('ExpressionAttributeValues must not be empty');
    }
    this.#values = new Map(values.map(([key, value]) => [key, checkedValue(key, value)]));
  }

  /** Marks the placeholders of an expression as used. @throws AwsError when one is not defined */
  use<Syntax>(parsed: Parsed<Syntax> | undefined): Syntax | undefined {
    if (!parsed) return undefined;
    for (const name of parsed.names) {
      if (!this.#names.has(name)) {
        throw invalid(
          `Invalid ${parsed.label}: An expression attribute name used in the document path is ` +
            `not defined; attribute name: ${name}`,
        );
      }
      this.#usedNames.add(name);
    }
    for (const value of parsed.values) {
      if (!this.#values.has(value)) {
        throw invalid(
          `Invalid ${parsed.label}: An expression attribute value used in expression is not ` +
            `defined; attribute value: ${value}`,
        );
      }
      this.#usedValues.add(value);
    }
    return parsed.syntax;
  }

  /** @throws AwsError ValidationException when a name or value was given and never used */
  refuseUnused(anyExpression: boolean): void {
    refuse('ExpressionAttributeNames', this.#names, this.#usedNames, anyExpression);
    refuse('ExpressionAttributeValues', this.#values, this.#usedValues, anyExpression);
  }

  value(name: string): AttributeValue {
    const value = this.#values.get(name);
    if (!value) throw new Error(`the value ${name} was not checked`);
    return value;
  }

  path(syntax: PathSyntax): Path {
    return syntax.map((step) => this.#step(step));
  }

  /** The first, top-level name of a path. */
  root(syntax: PathSyntax): string {
    return String(this.#step(syntax[0] as PathStep));
  }

  #step(step: PathStep): string | number {
    if ('name' in step) return step.name;
    if ('index' in step) return step.index;
    return this.#names.get(step.placeholder) as string;
  }
}

function checkedValue(key: string, value: unknown): AttributeValue {
  requireSyntax('ExpressionAttributeValues', key, VALUE_KEY);
  try {
    return checkValue(value);
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationException') {
      throw invalid(
        `ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`,
      );
    }
    throw error;
  }
}

function requireSyntax(parameter: string, key: string, syntax: RegExp): void {
  if (!syntax.test(key)) {
    throw invalid(`${parameter} contains invalid key: Syntax error; key: "${key}"`);
  }
}

function refuse(
  parameter: string,
  given: ReadonlyMap<string, unknown>,
  used: ReadonlySet<string>,
  anyExpression: boolean,
): void {
  if (given.size === used.size) return;
  if (!anyExpression) {
    throw invalid(`${parameter} can only be specified when using expressions`);
  }
  const unused = [...given.keys()].filter((key) => !used.has(key));
  throw invalid(
    `Value provided in ${parameter} unused in expressions: keys: {${unused.join(', ')}}`,
  );
}
