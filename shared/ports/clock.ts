import type { IdPrefix } from '../domain/id/id.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** A new id that sorts by time. */
export type IdSource = (prefix: IdPrefix) => string;

/** A time as Mirai writes it: UTC, ISO 8601, milliseconds. */
export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
