import { useCallback, useSyncExternalStore } from "react";
import {
  type Address,
  changeQuery,
  folderOf,
  formatAddress,
  formatQuery,
  type Page,
  parseAddress,
  type Query,
  timeOf,
} from "./address";

const changed = "waybill:address";
let known: { text: string; address: Address } | null = null;

// The same object as long as the address is the same, as useSyncExternalStore demands.
function read(): Address {
  const text = location.pathname + location.search;
  if (known?.text !== text) {
    known = { text, address: parseAddress(location.pathname, location.search) };
  }
  return known.address;
}

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(changed, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(changed, listener);
  };
}

export function navigate(href: string, how: "push" | "replace" = "push"): void {
  const pathBefore = location.pathname;
  if (how === "push" && href !== location.pathname + location.search) {
    history.pushState(null, "", href);
  } else {
    history.replaceState(null, "", href);
  }
  if (location.pathname !== pathBefore) {
    scrollTo(0, 0);
  }
  dispatchEvent(new Event(changed));
}

export function useAddress(): Address {
  return useSyncExternalStore(subscribe, read);
}

// An address of these pages, within the time range that is looked at now.
export function addressOf(page: Page, query: Query = {}): string {
  return formatAddress(folderOf(location.pathname), page, { ...timeOf(read().query), ...query });
}

export function useQuery(): [Query, (change: Query, how?: "push" | "replace") => void] {
  const { query } = useAddress();
  const change = useCallback((values: Query, how: "push" | "replace" = "push") => {
    navigate(location.pathname + formatQuery(changeQuery(read().query, values)), how);
  }, []);
  return [query, change];
}
