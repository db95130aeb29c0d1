import { parsePath, noUses, type Uses } from './parse-operand.ts';
import type { Parsed, PathSyntax } from './syntax.ts';
import { TokenReader } from './tokens.ts';

const LABEL = 'ProjectionExpression';

/** Parses a ProjectionExpression. @throws AwsError ValidationException in DynamoDB's words */
export function parseProjection(text: string): Parsed<readonly PathSyntax[]> {
  const reader = new TokenReader(LABEL, text);
  const uses: Uses = noUses();
  const paths: PathSyntax[] = [];
  do paths.push(parsePath(reader, uses));
  while (reader.takeSymbol(','));
  reader.expectEnd();
  return { label: LABEL, syntax: paths, ...uses };
}
