export interface CsvColumn<Row> {
  name: string;
  value: (row: Row) => string | number | boolean | null | undefined;
}

// RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe in front: topic names, keys and
// errors come from anybody.
export function toCsv<Row>(columns: CsvColumn<Row>[], rows: Row[]): string {
  const lines = [columns.map(({ name }) => quote(name))];
  for (const row of rows) {
    lines.push(columns.map(({ value }) => field(value(row))));
  }
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function field(value: string | number | boolean | null | undefined): string {
  if (value == null) {
    return "";
  }
  return typeof value === "string" ? quote(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value) : `${value}`;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
