import type { Cloud } from '#local/kernel/cloud.ts';
import type { ItemRanges } from './table/item-ranges.ts';
import type { ItemStore } from './table/item-store.ts';
import type { Tables } from './table/tables.ts';

/** What the actions share. */
export interface Parts {
  readonly cloud: Cloud;
  readonly tables: Tables;
  readonly store: ItemStore;
  readonly ranges: ItemRanges;
}
