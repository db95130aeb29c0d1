import { parsePath, parseValue, unknownFunction, noUses, type Uses } from './parse-operand.ts';
import type { Parsed, PathSyntax, SetValue, UpdateSyntax } from './syntax.ts';
import { TokenReader } from './tokens.ts';

const LABEL = 'UpdateExpression';

type Section = 'SET' | 'REMOVE' | 'ADD' | 'DELETE';

/** Parses an UpdateExpression. @throws AwsError ValidationException in DynamoDB's words */
export function parseUpdate(text: string): Parsed<UpdateSyntax> {
  const reader = new TokenReader(LABEL, text);
  const uses: Uses = noUses();
  const sets: { path: PathSyntax; value: SetValue }[] = [];
  const removes: PathSyntax[] = [];
  const adds: { path: PathSyntax; value: string }[] = [];
  const deletes: { path: PathSyntax; value: string }[] = [];
  const pair = () => ({ path: parsePath(reader, uses), value: parseValue(reader, uses) });
  const clauses: Record<Section, () => void> = {
    SET: () => {
      const path = parsePath(reader, uses);
      reader.expectSymbol('=');
      sets.push({ path, value: parseSetValue(reader, uses) });
    },
    REMOVE: () => removes.push(parsePath(reader, uses)),
    ADD: () => adds.push(pair()),
    DELETE: () => deletes.push(pair()),
  };
  const seen = new Set<Section>();
  while (reader.next.kind !== 'end') {
    const section = reader.next.text.toUpperCase() as Section;
    if (reader.next.kind !== 'identifier' || !Object.hasOwn(clauses, section)) {
      throw reader.syntaxError();
    }
    reader.take();
    if (seen.has(section)) {
      throw reader.fail(`The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    do clauses[section]();
    while (reader.takeSymbol(','));
  }
  return { label: LABEL, syntax: { sets, removes, adds, deletes }, ...uses };
}

function parseSetValue(reader: TokenReader, uses: Uses): SetValue {
  const left = parseTerm(reader, uses);
  if (reader.takeSymbol('+')) return { kind: '+', left, right: parseTerm(reader, uses) };
  if (reader.takeSymbol('-')) return { kind: '-', left, right: parseTerm(reader, uses) };
  return left;
}

function parseTerm(reader: TokenReader, uses: Uses): SetValue {
  if (reader.takeSymbol('(')) {
    const value = parseSetValue(reader, uses);
    reader.expectSymbol(')');
    return value;
  }
  if (reader.next.kind === 'value') return { kind: 'value', name: parseValue(reader, uses) };
  if (reader.next.kind === 'identifier' && reader.following?.text === '(') {
    return parseFunction(reader, uses);
  }
  return { kind: 'path', path: parsePath(reader, uses) };
}

function parseFunction(reader: TokenReader, uses: Uses): SetValue {
  const name = reader.take().text;
  if (name !== 'if_not_exists' && name !== 'list_append') throw unknownFunction(reader, name);
  reader.expectSymbol('(');
  const operands: SetValue[] = [];
  do operands.push(parseTerm(reader, uses));
  while (reader.takeSymbol(','));
  reader.expectSymbol(')');
  const [left, right] = operands;
  if (operands.length !== 2 || !left || !right) {
    throw reader.fail(
      'Incorrect number of operands for operator or function; ' +
        `operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  if (name === 'list_append') return { kind: 'list_append', left, right };
  if (left.kind !== 'path') {
    throw reader.fail(
      `Operator or function requires a document path; operator or function: ${name}`,
    );
  }
  return { kind: 'if_not_exists', path: left.path, otherwise: right };
}
