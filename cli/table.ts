/**
 * Rows as columns, the last of which may be as long as it likes.
 *
 * @param paint gives a line its colours, once its columns have their widths. Default: none.
 */
export function table(
  rows: readonly (readonly string[])[],
  paint: (line: string, row: number) => string = (line) => line,
): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row, i) => {
      const cells = row.map((cell, j) => (j === row.length - 1 ? cell : cell.padEnd((widths[j] ?? 0) + 2)));
      return `${paint(cells.join('').trimEnd(), i)}\n`;
    })
    .join('');
}
