import type { KeyboardEvent, MouseEvent, ReactNode } from "react";

export interface Column<Row> {
  name: string;
  title: ReactNode;
  show: (row: Row) => ReactNode;
  /** Not shown below this width of the page; the first column always is. */
  from?: "wide" | "medium";
  align?: "end";
  className?: string;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  onOpen?: (row: Row) => void;
  selected?: string | null;
}

/** Rows that open something are reached with Tab and gone through with the arrow keys, Home and End. */
export function Table<Row>({ label, columns, rows, keyOf, onOpen, selected }: Props<Row>) {
  const held = rows.findIndex((row) => keyOf(row) === selected);
  return (
    <div className="table-scroll">
      <table className={onOpen ? "table opens" : "table"} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr
              key={keyOf(row)}
              tabIndex={onOpen ? (index === Math.max(0, held) ? 0 : -1) : undefined}
              aria-current={index === held ? "true" : undefined}
              onClick={onOpen && ((event) => ofItsOwn(event) || onOpen(row))}
              onKeyDown={onOpen && ((event) => keyed(event, () => onOpen(row)))}
            >
              {columns.map((column) => (
                <td key={column.name} className={classOf(column)}>
                  {column.show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf<Row>(column: Column<Row>): string | undefined {
  const names = [column.className, column.from && `from-${column.from}`, column.align && `align-${column.align}`];
  return names.filter(Boolean).join(" ") || undefined;
}

/** A link or a button within a row does what it says, and not what the row does. */
function ofItsOwn(event: MouseEvent): boolean {
  return (event.target as Element).closest("a, button, input, select") !== null;
}

function keyed(event: KeyboardEvent<HTMLTableRowElement>, open: () => void): void {
  const row = event.currentTarget;
  if (event.target !== row) return;
  const body = row.parentElement;
  const next: Record<string, Element | null | undefined> = {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    Home: body?.firstElementChild,
    End: body?.lastElementChild,
  };
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    open();
  } else if (event.key in next) {
    event.preventDefault();
    (next[event.key] as HTMLElement | null | undefined)?.focus();
  }
}
