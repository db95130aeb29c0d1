import type { Placeholders } from './expression/placeholders.ts';
import type { Condition, Operand } from './expression/syntax.ts';
import { EVERY_KEY, justAfter, keysBeginningWith, type KeyRange } from './table/item-ranges.ts';
import { encodeKeyValue } from './table/keys.ts';
import { keyAttributes, type KeyAttribute, type KeySchema } from './table/table-definition.ts';
import { invalid, invalidValues } from './validation.ts';
import { typeOf, type AttributeValue } from './values/attribute-value.ts';

/** The part of a table or index that a query reads. */
export interface KeyQuery {
  readonly partition: AttributeValue;
  readonly range: KeyRange;
}

/** One comparison of a key attribute with literal values. */
interface Term {
  readonly attribute: string;
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'begins_with';
  readonly values: readonly AttributeValue[];
}

const fail = (message: string): Error => invalid(`Invalid KeyConditionExpression: ${message}`);

/**
 * Reads a KeyConditionExpression: equality on the partition key, at most one comparison of the
 * sort key.
 *
 * @throws AwsError ValidationException when it is anything else
 */
export function readKeyCondition(
  condition: Condition,
  schema: KeySchema,
  placeholders: Placeholders,
): KeyQuery {
  const terms = new Map<string, Term>();
  for (const term of termsOf(condition, placeholders)) {
    if (terms.has(term.attribute)) {
      throw invalid('KeyConditionExpressions must only contain one condition per key');
    }
    terms.set(term.attribute, term);
  }
  const partition = terms.get(schema.partition.name);
  if (!partition) {
    throw invalid(`Query condition missed key schema element: ${schema.partition.name}`);
  }
  if (partition.operator !== '=') throw invalid('Query key condition not supported');
  const sort = schema.sort && terms.get(schema.sort.name);
  if (terms.size > (sort ? 2 : 1)) {
    const missed = terms.size > 2 || !schema.sort ? undefined : schema.sort.name;
    throw invalid(
      missed
        ? `Query condition missed key schema element: ${missed}`
        : 'Query key condition not supported',
    );
  }
  for (const attribute of keyAttributes(schema)) checkTypes(attribute, terms.get(attribute.name));
  return {
    partition: partition.values[0] as AttributeValue,
    range: sort ? rangeOf(sort) : EVERY_KEY,
  };
}

/** The value that a key condition demands of the partition key, as text; for IAM conditions. */
export function leadingKey(
  condition: Condition,
  schema: KeySchema,
  placeholders: Placeholders,
): string | undefined {
  const term = termsOf(condition, placeholders).find((t) => t.attribute === schema.partition.name);
  const value = term?.operator === '=' ? term.values[0] : undefined;
  return value && (Object.values(value)[0] as string);
}

function termsOf(condition: Condition, placeholders: Placeholders): Term[] {
  switch (condition.kind) {
    case 'and':
      return [...termsOf(condition.left, placeholders), ...termsOf(condition.right, placeholders)];
    case 'compare': {
      if (condition.operator === '<>') throw badOperator('<>');
      const flip = condition.left.kind === 'value';
      const [path, value] = flip
        ? [condition.right, condition.left]
        : [condition.left, condition.right];
      const operator = flip ? MIRRORED[condition.operator] : condition.operator;
      return [term(operator, path, [value], placeholders)];
    }
    case 'between':
      return [term('BETWEEN', condition.of, [condition.low, condition.high], placeholders)];
    case 'predicate': {
      if (condition.name !== 'begins_with') throw badOperator(condition.name);
      const [path, prefix] = condition.operands as [Operand, Operand];
      return [term('begins_with', path, [prefix], placeholders)];
    }
    case 'or':
    case 'not':
    case 'in':
      throw badOperator(condition.kind.toUpperCase());
  }
}

const MIRRORED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

const badOperator = (operator: string): Error =>
  invalid(`Invalid operator used in KeyConditionExpression: ${operator}`);

function term(
  operator: Term['operator'],
  path: Operand,
  values: readonly Operand[],
  placeholders: Placeholders,
): Term {
  if (path.kind === 'size')
    throw invalid('KeyConditionExpressions cannot contain nested operations');
  if (path.kind === 'value') {
    throw invalid('Invalid condition in KeyConditionExpression: No key attribute specified');
  }
  const steps = placeholders.path(path.path);
  if (steps.length > 1) {
    throw invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  }
  return {
    attribute: String(steps[0]),
    operator,
    values: values.map((operand) => {
      if (operand.kind === 'value') return placeholders.value(operand.name);
      throw operand.kind === 'path'
        ? invalid(
            'Invalid condition in KeyConditionExpression: ' +
              'Multiple attribute names used in one condition',
          )
        : invalid('KeyConditionExpressions cannot contain nested operations');
    }),
  };
}

function checkTypes(attribute: KeyAttribute, condition: Term | undefined): void {
  for (const value of condition?.values ?? []) {
    if (typeOf(value) !== attribute.type) {
      throw condition?.operator === 'begins_with' && typeOf(value) === 'N'
        ? fail(
            'Incorrect operand type for operator or function; ' +
              'operator or function: begins_with, operand type: N',
          )
        : invalidValues('Condition parameter type does not match schema type');
    }
    if (Object.values(value)[0] === '' && condition?.operator !== 'begins_with') {
      throw invalid(
        'One or more parameter values are not valid. The AttributeValue for a key attribute ' +
          `cannot contain an empty ${attribute.type === 'B' ? 'binary' : 'string'} value. ` +
          `Key: ${attribute.name}`,
      );
    }
  }
}

function rangeOf({ operator, values }: Term): KeyRange {
  const [first, second] = values.map(encodeKeyValue) as [Uint8Array, Uint8Array];
  const { low, high } = EVERY_KEY;
  switch (operator) {
    case '=':
      return { low: first, high: justAfter(first) };
    case '<':
      return { low, high: first };
    case '<=':
      return { low, high: justAfter(first) };
    case '>':
      return { low: justAfter(first), high };
    case '>=':
      return { low: first, high };
    case 'BETWEEN':
      return { low: first, high: justAfter(second) };
    case 'begins_with':
      return keysBeginningWith(first);
  }
}
