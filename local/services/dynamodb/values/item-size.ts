import type { AttributeValue, Item } from './attribute-value.ts';
import { significantDigits } from './decimal.ts';

/** An item holds at most 400 KB, attribute names included. */
export const MAX_ITEM_BYTES = 400 * 1024;

/** The size of an item in bytes, counted as AWS documents it: names and values in UTF-8. */
export function itemSize(item: Item): number {
  let size = 0;
  for (const name in item)
    size += Buffer.byteLength(name) + valueSize(item[name] as AttributeValue);
  return size;
}

/** The size of a value: a list or map takes 3 bytes and 1 for each element besides its content. */
export function valueSize(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('BOOL' in value || 'NULL' in value) return 1;
  if ('M' in value) return 3 + Object.keys(value.M).length + itemSize(value.M);
  if ('L' in value) return value.L.reduce((sum, element) => sum + 1 + valueSize(element), 3);
  if ('SS' in value) return value.SS.reduce((sum, element) => sum + Buffer.byteLength(element), 0);
  if ('NS' in value) return value.NS.reduce((sum, element) => sum + numberSize(element), 0);
  return value.BS.reduce((sum, element) => sum + Buffer.byteLength(element, 'base64'), 0);
}

/** One byte for two significant digits and one byte more, one again for a minus sign. */
function numberSize(text: string): number {
  return Math.ceil(significantDigits(text) / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}
