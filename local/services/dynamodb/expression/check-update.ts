import type { AttributeValue } from '../values/attribute-value.ts';
import { setOf } from '../values/compare-values.ts';
import { invalid, invalidValues } from '../validation.ts';
import { longTypeName } from './check-condition.ts';
import { refuseOverlaps } from './document-path.ts';
import type { Path, Placeholders } from './placeholders.ts';
import type { SetValue, UpdateSyntax } from './syntax.ts';

const LABEL = 'UpdateExpression';

/**
 * Checks what can be told of an update before the item is read.
 *
 * @returns the paths that it changes
 * @throws AwsError ValidationException for overlapping paths, key attributes and wrong operands
 */
export function checkUpdate(
  update: UpdateSyntax,
  keyAttributes: readonly string[],
  placeholders: Placeholders,
): Path[] {
  const paths = [...update.sets, ...update.adds, ...update.deletes]
    .map(({ path }) => placeholders.path(path))
    .concat(update.removes.map((path) => placeholders.path(path)));
  refuseOverlaps(LABEL, paths);
  for (const [root] of paths) {
    if (keyAttributes.includes(root as string)) {
      throw invalidValues(`Cannot update attribute ${root}. This attribute is part of the key`);
    }
  }
  for (const { value } of update.sets) checkSetValue(value, placeholders);
  for (const { value: name } of update.adds) {
    const value = placeholders.value(name);
    if (!('N' in value) && !setOf(value)) throw wrongOperand('ADD', value);
  }
  for (const { value: name } of update.deletes) {
    const value = placeholders.value(name);
    if (!setOf(value)) throw wrongOperand('DELETE', value);
  }
  return paths;
}

function checkSetValue(value: SetValue, placeholders: Placeholders): void {
  switch (value.kind) {
    case 'value':
    case 'path':
      return;
    case 'if_not_exists':
      checkSetValue(value.otherwise, placeholders);
      return;
    case 'list_append':
    case '+':
    case '-':
      for (const operand of [value.left, value.right]) {
        checkSetValue(operand, placeholders);
        if (operand.kind !== 'value') continue;
        const literal = placeholders.value(operand.name);
        if (!((value.kind === 'list_append' ? 'L' : 'N') in literal)) {
          throw wrongFunctionOperand(value.kind, literal);
        }
      }
  }
}

const wrongFunctionOperand = (name: string, value: AttributeValue): Error =>
  invalid(
    `Invalid ${LABEL}: Incorrect operand type for operator or function; ` +
      `operator or function: ${name}, operand type: ${Object.keys(value)[0]}`,
  );

const wrongOperand = (operator: string, value: AttributeValue): Error =>
  invalid(
    `Invalid ${LABEL}: Incorrect operand type for operator or function; ` +
      `operator: ${operator}, operand type: ${longTypeName(value)}`,
  );
