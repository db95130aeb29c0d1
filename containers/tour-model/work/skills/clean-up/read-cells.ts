/**
 * Splits the beginning of a table into rows of trimmed cells; blank rows are left out. Quotes work as
 * RFC 4180 has them, with line ends inside; a quote that never closes takes the rest.
 */
export function readCells(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell.replaceAll(/[\s\u200B\uFEFF]+/gu, ' ').trim());
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.some((value) => value !== '')) rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i += 1) {
    const sign = text.charAt(i);
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text.charAt(i + 1) === '"') cell += text.charAt((i += 1));
      else isQuoted = false;
    } else if (sign === '"' && cell.replaceAll(/[ \uFEFF]/gu, '') === '') isQuoted = true;
    else if (sign === delimiter) endCell();
    else if (sign === '\n' || sign === '\r') endRow();
    else cell += sign;
  }
  endRow();
  return rows;
}
