// What the browser's address says: a page, and the page's state as a query. The time range stands in the
// same query and goes along from page to page.

export const pages = ["overview", "messages", "message", "traces", "trace", "flow", "lag", "loss"] as const;
export type Page = (typeof pages)[number];
export type Query = Record<string, string>;

export interface Address {
  page: Page | null; // null: no page has this name
  query: Query;
}

const timeKeys = ["last", "from", "to", "live"];

// Every page is one step below the folder in which index.html lies, so the folder is known from any of them.
export function folderOf(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf("/") + 1);
}

export function parseAddress(pathname: string, search: string): Address {
  const name = pathname.slice(folderOf(pathname).length) || "overview";
  const page = pages.find((known) => known === name) ?? (name === "index.html" ? "overview" : null);
  return { page, query: Object.fromEntries(new URLSearchParams(search)) };
}

// Empty values are left out: an address says only what differs from the page's default.
export function formatQuery(query: Query): string {
  const kept = Object.entries(query).filter(([, value]) => value !== "");
  const text = new URLSearchParams(kept).toString();
  return text === "" ? "" : `?${text}`;
}

export function formatAddress(folder: string, page: Page, query: Query): string {
  return `${folder}${page === "overview" ? "" : page}${formatQuery(query)}`;
}

export function timeOf(query: Query): Query {
  return Object.fromEntries(Object.entries(query).filter(([key]) => timeKeys.includes(key)));
}

// The query after a change. A key whose value is "" goes away; all others stay.
export function changeQuery(query: Query, change: Query): Query {
  return Object.fromEntries(Object.entries({ ...query, ...change }).filter(([, value]) => value !== ""));
}
