export type CsvCells = readonly (string | number | undefined)[];

/** Rows as RFC 4180 writes them. */
export async function* csv(rows: AsyncIterable<CsvCells> | Iterable<CsvCells>): AsyncGenerator<string> {
  for await (const cells of rows) yield `${cells.map(csvCell).join(",")}\r\n`;
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe: the words in it may be anybody's. */
const csvCell = (value: string | number | undefined): string => {
  const text = String(value ?? "");
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
