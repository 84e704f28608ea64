import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";

export interface VirtualListHandle {
  /** Brings a row into sight. */
  show: (index: number) => void;
}

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  /** Pixels; every row has the same. */
  rowHeight: number;
  keyOf: (row: Row, index: number) => string | number;
  show: (row: Row, index: number) => ReactNode;
  /** Keeps the newest row in sight, until the reader scrolls up; told when that changes. */
  follow?: boolean;
  onFollow?: (follow: boolean) => void;
  handle?: Ref<VirtualListHandle>;
  className?: string;
}

const BEYOND = 8;

/** Only rows in sight are drawn: ten thousand cost what thirty do. */
export function VirtualList<Row>(props: Props<Row>) {
  const { label, rows, rowHeight, keyOf, show, follow = false, onFollow, handle, className = "" } = props;
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watched = new ResizeObserver(() => setSeen((held) => ({ ...held, height: element.clientHeight })));
    watched.observe(element);
    return () => watched.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = rows.length * rowHeight;
  }, [follow, rows.length, rowHeight]);
  useImperativeHandle(handle, () => ({
    show: (index) => {
      const element = box.current;
      if (!element) return;
      const top = index * rowHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + rowHeight > element.scrollTop + element.clientHeight)
        element.scrollTop = top + rowHeight - element.clientHeight;
    },
  }));

  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    setSeen({ top: element.scrollTop, height: element.clientHeight });
    const atEnd = element.scrollTop + element.clientHeight >= rows.length * rowHeight - rowHeight;
    if (onFollow && atEnd !== follow) onFollow(atEnd);
  };

  const first = Math.max(0, Math.floor(seen.top / rowHeight) - BEYOND);
  const last = Math.min(rows.length, Math.ceil((seen.top + seen.height) / rowHeight) + BEYOND);
  return (
    <div ref={box} className={`virtual ${className}`} role="list" aria-label={label} tabIndex={0} onScroll={scrolled}>
      <div style={{ height: rows.length * rowHeight, position: "relative" }}>
        {rows.slice(first, last).map((row, offset) => {
          const index = first + offset;
          const style = { position: "absolute", top: index * rowHeight, height: rowHeight, left: 0, right: 0 } as const;
          return (
            <div key={keyOf(row, index)} role="listitem" aria-setsize={rows.length} aria-posinset={index + 1} style={style}>
              {show(row, index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
