import { AppError } from '../errors/app-error.ts';

/** A page that a caller asks for: newest first, after a cursor. */
export interface Page {
  /** 1 to 100. @default 20 */
  readonly limit: number;
  readonly before?: string;
}

/**
 * Reads `limit` and `cursor` of a list request.
 *
 * @throws AppError `request.invalid`
 */
export function readPage(query: Readonly<Record<string, string>>): Page {
  const limit = Number(query['limit'] ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new AppError('request.invalid', 'limit is a whole number from 1 to 100.', {
      fields: [{ pointer: '?limit', message: 'is a whole number from 1 to 100' }],
    });
  }
  const cursor = query['cursor'];
  if (cursor === undefined) return { limit };
  const before = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!/^[a-z]+_[0-9A-Z]{26}$/.test(before)) {
    throw new AppError('request.invalid', 'cursor is not one that a list gave.', {
      fields: [{ pointer: '?cursor', message: 'is not one that a list gave' }],
    });
  }
  return { limit, before };
}

/** A page of one more item than was asked for: the items, and the cursor of the next page or null. */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  idOf: (item: Item) => string,
): { readonly items: readonly Item[]; readonly next: string | null } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  const more = items.length > limit && last !== undefined;
  return { items: page, next: more ? Buffer.from(idOf(last)).toString('base64url') : null };
}
