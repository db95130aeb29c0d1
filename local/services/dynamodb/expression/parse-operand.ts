import { RESERVED_WORDS } from './reserved-words.ts';
import type { Operand, PathStep, PathSyntax } from './syntax.ts';
import type { TokenReader } from './tokens.ts';

/** The placeholders met while parsing one expression. */
export interface Uses {
  readonly names: Set<string>;
  readonly values: Set<string>;
  /** The first steps of all paths, as written. */
  readonly roots: Set<string>;
}

export const noUses = (): Uses => ({ names: new Set(), values: new Set(), roots: new Set() });

export function parsePath(reader: TokenReader, uses: Uses): PathSyntax {
  uses.roots.add(reader.next.text);
  const steps: PathStep[] = [parseName(reader, uses)];
  for (;;) {
    if (reader.takeSymbol('.')) steps.push(parseName(reader, uses));
    else if (reader.takeSymbol('[')) {
      const token = reader.take();
      if (token.kind !== 'number') throw reader.syntaxError(token);
      reader.expectSymbol(']');
      steps.push({ index: Number(token.text) });
    } else return steps;
  }
}

/** A `:placeholder`. */
export function parseValue(reader: TokenReader, uses: Uses): string {
  const token = reader.take();
  if (token.kind !== 'value') throw reader.syntaxError(token);
  uses.values.add(token.text);
  return token.text;
}

/** A path, a value or `size(…)`, in parentheses or not. */
export function parseOperand(reader: TokenReader, uses: Uses): Operand {
  if (reader.takeSymbol('(')) {
    const operand = parseOperand(reader, uses);
    reader.expectSymbol(')');
    return operand;
  }
  if (reader.next.kind === 'value') return { kind: 'value', name: parseValue(reader, uses) };
  if (reader.next.kind === 'identifier' && reader.following?.text === '(') {
    const name = reader.take().text;
    if (name !== 'size') throw unknownFunction(reader, name);
    reader.expectSymbol('(');
    const of = parseOperand(reader, uses);
    reader.expectSymbol(')');
    return { kind: 'size', of };
  }
  return { kind: 'path', path: parsePath(reader, uses) };
}

/** Functions that exist, though not where this one stands. */
const KNOWN_FUNCTIONS = [
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
  'if_not_exists',
  'list_append',
];

export function unknownFunction(reader: TokenReader, name: string): Error {
  return reader.fail(
    KNOWN_FUNCTIONS.includes(name)
      ? `The function is not allowed to be used this way in an expression; function: ${name}`
      : `Invalid function name; function: ${name}`,
  );
}

function parseName(reader: TokenReader, uses: Uses): PathStep {
  const token = reader.take();
  if (token.kind === 'name') {
    uses.names.add(token.text);
    return { placeholder: token.text };
  }
  if (token.kind !== 'identifier') throw reader.syntaxError(token);
  if (RESERVED_WORDS.has(token.text.toUpperCase())) {
    throw reader.fail(`Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
  }
  return { name: token.text };
}
