import { parseOperand, unknownFunction, noUses, type Uses } from './parse-operand.ts';
import type { Comparator, Condition, Operand, Parsed, PredicateName } from './syntax.ts';
import { TokenReader } from './tokens.ts';

const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];

/** How many operands each predicate takes. */
const PREDICATES: Readonly<Record<PredicateName, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
};

/** `IN` takes at most 100 operands. */
const MAX_IN_OPERANDS = 100;

/** Parses a condition. @throws AwsError ValidationException naming `label` and the fault */
export function parseCondition(label: string, text: string): Parsed<Condition> {
  const reader = new TokenReader(label, text);
  const parser = new ConditionParser(reader);
  const syntax = parser.or();
  reader.expectEnd();
  return { label, syntax, ...parser.uses };
}

class ConditionParser {
  readonly uses: Uses = noUses();
  readonly #reader: TokenReader;
  readonly #inParentheses = new WeakSet<Condition>();

  constructor(reader: TokenReader) {
    this.#reader = reader;
  }

  or(): Condition {
    let left = this.#and();
    while (this.#reader.takeKeyword('OR')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#reader.takeKeyword('AND')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Condition {
    return this.#reader.takeKeyword('NOT') ? { kind: 'not', of: this.#not() } : this.#primary();
  }

  #primary(): Condition {
    const reader = this.#reader;
    if (reader.next.text === '(' && !reader.atOperandInParentheses()) {
      reader.expectSymbol('(');
      const inner = this.or();
      if (this.#inParentheses.has(inner)) {
        throw reader.fail('The expression has redundant parentheses;');
      }
      reader.expectSymbol(')');
      this.#inParentheses.add(inner);
      return inner;
    }
    if (reader.next.kind === 'identifier' && reader.following?.text === '(') {
      const name = reader.next.text;
      if (Object.hasOwn(PREDICATES, name)) return this.#predicate(name as PredicateName);
      if (name !== 'size' && !reader.isKeyword('NOT')) throw unknownFunction(reader, name);
    }
    return this.#comparison(parseOperand(reader, this.uses));
  }

  #comparison(left: Operand): Condition {
    const reader = this.#reader;
    if (reader.takeKeyword('BETWEEN')) {
      const low = parseOperand(reader, this.uses);
      reader.expectKeyword('AND');
      return { kind: 'between', of: left, low, high: parseOperand(reader, this.uses) };
    }
    if (reader.takeKeyword('IN')) return { kind: 'in', of: left, among: this.#list() };
    const token = reader.take();
    if (!COMPARATORS.includes(token.text)) throw reader.syntaxError(token);
    const operator = token.text as Comparator;
    return { kind: 'compare', operator, left, right: parseOperand(reader, this.uses) };
  }

  #predicate(name: PredicateName): Condition {
    this.#reader.take();
    const operands = this.#list();
    if (operands.length !== PREDICATES[name]) {
      throw this.#reader.fail(
        'Incorrect number of operands for operator or function; ' +
          `operator or function: ${name}, number of operands: ${operands.length}`,
      );
    }
    return { kind: 'predicate', name, operands };
  }

  #list(): Operand[] {
    const reader = this.#reader;
    reader.expectSymbol('(');
    const operands: Operand[] = [];
    do operands.push(parseOperand(reader, this.uses));
    while (reader.takeSymbol(','));
    reader.expectSymbol(')');
    if (operands.length > MAX_IN_OPERANDS) {
      throw reader.fail(
        'The IN operator is provided with too many operands; ' +
          `number of operands: ${operands.length}`,
      );
    }
    return operands;
  }
}
