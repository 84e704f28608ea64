import { type KeyboardEvent, memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { EVENT_TYPES, type EventType, type LiveEvent } from "../../client/events";
import { Button, SelectField, SearchField, Toolbar, choicesOf } from "../../ui";
import { EventDetail } from "./EventDetail";
import { EVERYTHING, lineOf, type Wanted, wantedOf } from "./lines";
import { clockOf } from "./moments";
import type { Recording } from "./recording";
import { Rows } from "./rows";
import { Sign } from "./signs";

interface Props {
  recording: Recording;
  /** So many of its events are shown. */
  count: number;
  past: boolean;
  onMoment: (count: number) => void;
  onStep: (step: string) => void;
}

const HEIGHT = { wide: 31, narrow: 48 } as const;
// In less room a line says too little: who and when stand above what.
const ONE_LINE = 600;

/** What happened, event by event: only rows in sight are drawn, so that ten thousand cost what thirty do. */
export function Activity({ recording, count, past, onMoment, onStep }: Props) {
  const [wanted, setWanted] = useState<Wanted>(EVERYTHING);
  const [follow, setFollow] = useState(true);
  const [open, setOpen] = useState<ReadonlyMap<number, number>>(new Map());
  const [active, setActive] = useState<number | null>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 480, width: ONE_LINE });
  const box = useRef<HTMLDivElement>(null);
  const narrow = scroll.width < ONE_LINE;
  const height = narrow ? HEIGHT.narrow : HEIGHT.wide;

  const places = useMemo(() => wantedOf(recording.events, wanted, count), [recording, wanted, count]);
  const rows = useMemo(() => {
    const extra = new Map<number, number>();
    for (const [place, higher] of open) {
      const row = places === null ? place : places.indexOf(place);
      if (row >= 0) extra.set(row, higher);
    }
    return new Rows(places === null ? count : places.length, height, extra);
  }, [places, open, height, count]);
  const known = { agents: [...recording.agents].sort(), departments: [...recording.departments].sort() };
  const window = rows.window(scroll.top, scroll.height);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watched = new ResizeObserver(() =>
      setScroll((held) => ({ ...held, height: element.clientHeight, width: element.clientWidth })),
    );
    watched.observe(element);
    return () => watched.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = rows.total;
  }, [follow, rows]);
  useEffect(() => setOpen(new Map()), [recording]);

  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    setScroll({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth });
    const atEnd = element.scrollTop + element.clientHeight >= rows.total - height;
    if (atEnd !== follow) setFollow(atEnd);
  };

  const toggle = useCallback((place: number) => {
    setFollow(false);
    setOpen((held) => {
      const next = new Map(held);
      if (!next.delete(place)) next.set(place, 160);
      return next;
    });
  }, []);
  const measured = useCallback((place: number, extra: number) => {
    setOpen((held) => (held.has(place) && held.get(place) !== extra ? new Map(held).set(place, extra) : held));
  }, []);

  const show = (row: number) => {
    const element = box.current;
    if (!element) return;
    // The row that has the focus may not be drawn where this leads to, and with it the focus would be gone.
    if (element.contains(document.activeElement)) element.focus({ preventScroll: true });
    const top = rows.topOf(row);
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height > element.scrollTop + element.clientHeight)
      element.scrollTop = top + height - element.clientHeight;
    setActive(row);
  };
  const keyed = (event: KeyboardEvent<HTMLDivElement>) => {
    if ((event.target as HTMLElement).closest(".ex-detail")) return;
    const page = Math.max(1, Math.floor(scroll.height / height) - 1);
    const from = active ?? window.from;
    const next: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: rows.count - 1,
    };
    const row = next[event.key];
    if (row === undefined || rows.count === 0) return;
    event.preventDefault();
    setFollow(false);
    show(Math.max(0, Math.min(rows.count - 1, row)));
  };
  useEffect(() => {
    const element = box.current;
    if (active === null || !element?.contains(document.activeElement)) return;
    element.querySelector<HTMLElement>(`[data-row="${active}"]`)?.focus({ preventScroll: true });
  }, [active, window.from]);

  const change = (part: Partial<Wanted>) => {
    setWanted((held) => ({ ...held, ...part }));
    setActive(null);
  };
  const inSight = Array.from({ length: window.to - window.from }, (_, offset) => window.from + offset);

  return (
    <div className="ex-activity">
      <Toolbar label="filter events">
        <SearchField
          label="text"
          value={wanted.text}
          onChange={(text) => change({ text })}
          placeholder="find in events"
        />
        <SelectField
          label="type"
          value={wanted.type}
          onChange={(type) => change({ type: type as EventType | "" })}
          choices={choicesOf("all types", EVENT_TYPES)}
        />
        <SelectField
          label="agent"
          value={wanted.agent}
          onChange={(agent) => change({ agent })}
          choices={choicesOf("all agents", known.agents)}
        />
        {known.departments.length > 0 && (
          <SelectField
            label="department"
            value={wanted.department}
            onChange={(department) => change({ department })}
            choices={choicesOf("all departments", known.departments)}
          />
        )}
      </Toolbar>
      <div className="row spread small quiet ex-activity-count">
        <span role="status">
          {places === null ? `${count} events` : `${places.length} of ${count} events`}
          {past && " up to this moment"}
        </span>
        <label className="row">
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} /> follow
        </label>
      </div>
      <div
        ref={box}
        className={narrow ? "ex-rows narrow" : "ex-rows"}
        role="list"
        aria-label="activity"
        tabIndex={0}
        onScroll={scrolled}
        onKeyDown={keyed}
      >
        <div className="ex-rows-all" style={{ height: rows.total }}>
          <div className="ex-rows-seen" style={{ transform: `translateY(${window.top}px)` }}>
            {inSight.map((row) => {
              const place = places === null ? row : (places[row] ?? -1);
              const event = recording.events[place];
              if (!event) return null;
              return (
                <Row
                  key={place}
                  event={event}
                  place={place}
                  row={row}
                  rows={rows.count}
                  height={height}
                  open={open.has(place)}
                  latest={past && place === count - 1}
                  onToggle={toggle}
                  onMeasured={measured}
                  onMoment={onMoment}
                  onStep={onStep}
                />
              );
            })}
          </div>
        </div>
        {rows.count === 0 && (
          <p className="ex-none quiet">
            {count === 0 ? "Nothing has happened yet." : "No event fits the filter."}{" "}
            {count > 0 && <Button onClick={() => setWanted(EVERYTHING)}>Show all</Button>}
          </p>
        )}
      </div>
    </div>
  );
}

interface RowProps {
  event: LiveEvent;
  place: number;
  row: number;
  rows: number;
  height: number;
  open: boolean;
  latest: boolean;
  onToggle: (place: number) => void;
  onMeasured: (place: number, extra: number) => void;
  onMoment: (count: number) => void;
  onStep: (step: string) => void;
}

const Row = memo(function Row(props: RowProps) {
  const { event, place, row, rows, height, open, latest, onToggle, onMeasured, onMoment, onStep } = props;
  const line = lineOf(event);
  const who = event.agentId || event.department || "plan";
  return (
    <div role="listitem" aria-posinset={row + 1} aria-setsize={rows} className={latest ? "ex-row latest" : "ex-row"}>
      <button
        type="button"
        data-row={row}
        tabIndex={-1}
        aria-expanded={open}
        style={{ height }}
        onClick={() => onToggle(place)}
      >
        <time dateTime={event.timestamp} className="mono quiet">
          {clockOf(Date.parse(event.timestamp), true)}
        </time>
        <span className={`ex-row-sign tone-${line.tone}`}>
          <Sign name={line.sign} />
        </span>
        <span className="ex-row-who truncate">{who}</span>
        <span className="ex-row-text truncate">
          <span className="unseen">{event.type}: </span>
          {line.text}
        </span>
      </button>
      {open && <EventDetail event={event} place={place} onMeasured={onMeasured} onMoment={onMoment} onStep={onStep} />}
    </div>
  );
});
