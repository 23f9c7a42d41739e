import { type KeyboardEvent, type ReactNode, useEffect, useMemo } from "react";
import type { Page, Query } from "@/address/address";
import { addressOf, navigate, useQuery } from "@/address/use_address";
import { useTime } from "@/time/use_time";
import { Export } from "./Export";
import { Icon } from "./Icon";
import { type Order, parseOrder, sortRows, toggleOrder } from "./order";

export interface Column<Row> {
  key: string;
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  value: (row: Row) => string | number | boolean | null | undefined; // to sort by, and for CSV
  isNumber?: boolean;
  hint?: string;
  isHidden?: boolean; // only in CSV, because another column shows it too
}

interface Props<Row> {
  name: string; // of the files, and of the order in the address
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  placeOf?: (row: Row) => { page: Page; query: Query } | null; // where a row leads
  json: unknown;
  isCurrent?: (row: Row) => boolean;
  tools?: ReactNode;
  empty?: ReactNode;
  holdsStill?: boolean; // rows come in at the top: while somebody points at the list, they wait
}

// A list: sorted by any column, walked with the arrow keys, opened with Enter, and given out as CSV and JSON.
export function DataTable<Row>(props: Props<Row>) {
  const {
    name,
    label,
    columns: all,
    rows,
    keyOf,
    placeOf,
    json,
    isCurrent,
    tools,
    empty,
    holdsStill,
  } = props;
  const columns = all.filter(({ isHidden }) => !isHidden);
  const [query, change] = useQuery();
  const orderKey = `sort-${name}`;
  const order = useMemo(() => parseOrder(query[orderKey]), [query, orderKey]);
  const sorted = useMemo(
    () => sortRows(rows, all.find(({ key }) => key === order?.key)?.value, order),
    [rows, all, order],
  );
  const still = useStill(holdsStill ?? false);
  const open = (row: Row) => {
    const place = placeOf?.(row);
    if (place) {
      navigate(addressOf(place.page, place.query));
    }
  };
  return (
    <section className="data-table" aria-label={label}>
      <div className="table-tools">
        <div>{tools}</div>
        <Export name={name} columns={all} rows={sorted} json={json} />
      </div>
      {rows.length === 0 ? (
        (empty ?? <p className="hint">Nothing in this window.</p>)
      ) : (
        <div className="table-scroll">
          <table {...still}>
            <thead>
              <tr>
                {columns.map((column) => (
                  <Heading
                    key={column.key}
                    column={column}
                    order={order}
                    onSort={() => change({ [orderKey]: toggleOrder(order, column.key) }, "replace")}
                  />
                ))}
              </tr>
            </thead>
            <tbody>
              {sorted.map((row, index) => (
                <tr
                  key={keyOf(row)}
                  tabIndex={index === 0 ? 0 : -1}
                  aria-current={isCurrent?.(row) || undefined}
                  className={placeOf?.(row) ? "opens" : undefined}
                  onKeyDown={(event) => walk(event, () => open(row))}
                  onClick={(event) => isOwnClick(event.target) && open(row)}
                >
                  {columns.map((column) => (
                    <td key={column.key} className={column.isNumber ? "number" : undefined}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

// A list that is left by opening one of its rows lets go, too.
function useStill(isWanted: boolean) {
  const { hold } = useTime();
  useEffect(() => () => hold(false), [hold]);
  return isWanted ? { onPointerEnter: () => hold(true), onPointerLeave: () => hold(false) } : {};
}

interface HeadingProps<Row> {
  column: Column<Row>;
  order: Order | null;
  onSort: () => void;
}

function Heading<Row>({ column, order, onSort }: HeadingProps<Row>) {
  const isMine = order?.key === column.key;
  return (
    <th
      className={column.isNumber ? "number" : undefined}
      aria-sort={isMine ? (order.isDown ? "descending" : "ascending") : undefined}
      title={column.hint}
    >
      <button type="button" className="quiet" onClick={onSort}>
        {column.title}
        {isMine && <Icon name={order.isDown ? "down" : "up"} />}
      </button>
    </th>
  );
}

// Arrows, Home and End walk through the rows; Enter opens one.
function walk(event: KeyboardEvent<HTMLTableRowElement>, open: () => void): void {
  const row = event.currentTarget;
  if (event.target !== row) {
    return;
  }
  const next: Record<string, Element | null | undefined> = {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    Home: row.parentElement?.firstElementChild,
    End: row.parentElement?.lastElementChild,
  };
  if (event.key === "Enter") {
    open();
  } else if (event.key in next) {
    event.preventDefault();
    (next[event.key] as HTMLElement | null)?.focus();
  }
}

// A click on a link or a button is that one's; one that ends a selection of text is nobody's.
function isOwnClick(target: EventTarget): boolean {
  const isControl = target instanceof Element && target.closest("a, button, input, summary");
  return !isControl && getSelection()?.type !== "Range";
}
