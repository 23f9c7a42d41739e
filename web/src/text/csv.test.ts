import { expect, it } from "vitest";
import { toCsv } from "./csv";

const columns = [
  { name: "name", value: (row: { name: string | null; lag: number | null }) => row.name },
  { name: "lag", value: (row: { name: string | null; lag: number | null }) => row.lag },
];

it("quotes what would break a line or a column", () => {
  expect(toCsv(columns, [{ name: 'a,"b"\nc', lag: 1 }])).toBe('name,lag\r\n"a,""b""\nc",1\r\n');
});

it("leaves empty what is not known", () => {
  expect(toCsv(columns, [{ name: null, lag: null }])).toBe("name,lag\r\n,\r\n");
});

it("keeps a spreadsheet from running a topic's name as a formula, and a negative number a number", () => {
  expect(toCsv(columns, [{ name: "=1+1", lag: -5 }])).toBe("name,lag\r\n'=1+1,-5\r\n");
  expect(toCsv(columns, [{ name: "@x", lag: 0 }])).toContain("'@x");
});
