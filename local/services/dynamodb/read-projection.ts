import { project, refuseOverlaps } from './expression/document-path.ts';
import { projectionOf } from './expression/parse-cache.ts';
import { Placeholders, type PlaceholderInput } from './expression/placeholders.ts';
import type { Item } from './values/attribute-value.ts';

interface ProjectionInput extends PlaceholderInput {
  readonly ProjectionExpression?: string;
}

/**
 * What a ProjectionExpression leaves of an item; without one, all of it.
 *
 * @throws AwsError ValidationException for a bad expression or placeholders that it does not use
 */
export function prepareProjection(input: ProjectionInput): (item: Item) => Item {
  const placeholders = new Placeholders(input);
  const projection = readProjection(input, placeholders);
  placeholders.refuseUnused(input.ProjectionExpression !== undefined);
  return projection;
}

/** The same for requests that have other expressions besides. */
export function readProjection(
  input: ProjectionInput,
  placeholders: Placeholders,
): (item: Item) => Item {
  const syntax = placeholders.use(projectionOf(input.ProjectionExpression));
  if (!syntax) return (item) => item;
  const paths = syntax.map((path) => placeholders.path(path));
  refuseOverlaps('ProjectionExpression', paths);
  return (item) => project(item, paths);
}
