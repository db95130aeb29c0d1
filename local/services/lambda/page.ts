import { invalidValue } from './function-settings.ts';

export interface PageInput {
  /** Where the last page ended. */
  readonly Marker?: string;
  /** From 1; pages hold at most 50 anyway. @default 50 */
  readonly MaxItems?: number;
}

/** Lambda's lists give at most 50 items a page, whatever is asked for. */
const PAGE_ITEMS = 50;

/** One page of a list and the marker of the next. @throws AwsError for a marker not given by us */
export function pageOf<Item>(
  all: readonly Item[],
  { Marker, MaxItems = PAGE_ITEMS }: PageInput,
): { readonly items: readonly Item[]; readonly next?: string } {
  const start = Marker === undefined ? 0 : Number(Marker);
  if (!Number.isInteger(start) || start < 0) throw invalidValue('The marker is not valid.');
  if (!Number.isInteger(MaxItems) || MaxItems < 1) throw invalidValue('MaxItems is not valid.');
  const end = start + Math.min(MaxItems, PAGE_ITEMS);
  return { items: all.slice(start, end), ...(end < all.length && { next: String(end) }) };
}
