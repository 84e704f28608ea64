import { type KeyboardEvent, type PointerEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { type MeanLine, runsOf } from "./means";
import { lineThrough, ticksOf, timeTicks } from "./scale";
import type { Bucket, Stack } from "./series";
import { timeText, timeTick } from "./times";

interface Props {
  title: string;
  stack: Stack;
  /** Of means: drawn in the place of the stack. */
  lines: readonly MeanLine[] | null;
  bucket: Bucket;
  write: (value: number) => string;
}

const HEIGHT = 210;
const EDGE = { top: 10, right: 8, bottom: 24, left: 46 } as const;

/** Bars upon each other, or lines; a pointer or the arrow keys read out one bucket. */
export function Chart({ title, stack, lines, bucket, write }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const [width, setWidth] = useState(600);
  const [place, setPlace] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watched = new ResizeObserver(() => setWidth(element.clientWidth));
    watched.observe(element);
    return () => watched.disconnect();
  }, []);

  const { times, layers } = stack;
  const across = Math.max(40, width - EDGE.left - EDGE.right);
  const down = HEIGHT - EDGE.top - EDGE.bottom;
  const ticks = lines ? [0, 25, 50, 75, 100] : ticksOf(stack.highest);
  const top = ticks.at(-1) ?? 1;
  const slot = across / Math.max(1, times.length);
  const xOf = (index: number) => EDGE.left + slot * (index + 0.5);
  const yOf = (value: number) => EDGE.top + down * (1 - value / top);
  const bar = Math.max(1, Math.min(26, slot * 0.78));
  const written = timeTicks(
    times,
    bucket,
    Math.max(2, Math.floor(across / 78)),
    new Date().getTimezoneOffset() * 60_000,
  );
  const labels = lines ? lines.map((line) => line.label) : layers.map((layer) => layer.label);
  const at = place !== null && place < times.length ? place : null;

  const keyed = (event: KeyboardEvent) => {
    const last = times.length - 1;
    const from = at ?? last + 1;
    const next: Record<string, number | null> = {
      ArrowLeft: Math.max(0, from - 1),
      ArrowRight: Math.min(last, from + 1),
      Home: 0,
      End: last,
      Escape: null,
    };
    if (!(event.key in next)) return;
    if (event.key === "Escape" && at === null) return;
    event.preventDefault();
    setPlace(next[event.key] ?? null);
  };
  const pointed = (event: PointerEvent) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor((event.clientX - left - EDGE.left) / slot);
    setPlace(index >= 0 && index < times.length ? index : null);
  };
  const valuesAt = (index: number) =>
    lines
      ? lines.map((line) => ({ label: line.label, value: line.values[index] ?? null }))
      : layers.map((layer) => ({ label: layer.label, value: layer.values[index] ?? 0 }));

  return (
    <figure className="an-chart">
      <div
        ref={box}
        role="group"
        tabIndex={0}
        aria-label={`${title}, ${times.length} ${bucket}s; the arrow keys read them out`}
        aria-describedby={`${id}-at`}
        onKeyDown={keyed}
        onPointerMove={pointed}
        onPointerDown={pointed}
        onPointerLeave={() => setPlace(null)}
        onBlur={() => setPlace(null)}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {ticks.map((tick) => (
            <g key={tick}>
              <line className="an-grid" x1={EDGE.left} x2={width - EDGE.right} y1={yOf(tick)} y2={yOf(tick)} />
              <text className="an-axis" x={EDGE.left - 8} y={yOf(tick) + 4} textAnchor="end">
                {lines ? tick : write(tick)}
              </text>
            </g>
          ))}
          {written
            .filter((index) => xOf(index) < width - 16)
            .map((index) => (
              <text key={index} className="an-axis" x={xOf(index)} y={HEIGHT - 6} textAnchor="middle">
                {timeTick(times[index] ?? 0, bucket)}
              </text>
            ))}
          {at !== null && (
            <rect className="an-band" x={EDGE.left + slot * at} width={slot} y={EDGE.top} height={down} />
          )}
          {lines
            ? lines.map((line, index) => <Line key={line.label} line={line} index={index} xOf={xOf} yOf={yOf} />)
            : times.map((time, index) => (
                <Column key={time} stack={stack} index={index} x={xOf(index) - bar / 2} width={bar} yOf={yOf} />
              ))}
        </svg>
        {at !== null && (
          <div
            className={`an-readout${xOf(at) > width / 2 ? " left" : ""}`}
            style={xOf(at) > width / 2 ? { right: width - xOf(at) + slot / 2 + 8 } : { left: xOf(at) + slot / 2 + 8 }}
          >
            <b>{timeText(times[at] ?? 0, bucket)}</b>
            <ul>
              {valuesAt(at).map(({ label, value }, index) =>
                value === null || value === 0 ? null : (
                  <li key={label}>
                    <i className={`an-mark c${index}`} /> <span>{label}</span>{" "}
                    <b className="mono">{lines ? Math.round(value) : write(value)}</b>
                  </li>
                ),
              )}
            </ul>
            {!lines && layers.length > 1 && <p className="mono">{write(stack.totals[at] ?? 0)} in all</p>}
          </div>
        )}
        <p id={`${id}-at`} className="unseen" aria-live="polite">
          {at !== null && spoken(timeText(times[at] ?? 0, bucket), valuesAt(at), write)}
        </p>
      </div>
      <figcaption>
        <ul className="an-legend small">
          {labels.map((label, index) => (
            <li key={label}>
              <i className={`an-mark c${index}`} aria-hidden="true" />
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

interface ColumnProps {
  stack: Stack;
  index: number;
  x: number;
  width: number;
  yOf: (value: number) => number;
}

function Column({ stack, index, x, width, yOf }: ColumnProps) {
  let below = 0;
  return (
    <g>
      {stack.layers.map((layer, place) => {
        const value = layer.values[index] ?? 0;
        if (value === 0) return null;
        const from = yOf(below);
        below += value;
        const to = yOf(below);
        // What is there is seen, however little it is.
        return (
          <rect
            key={layer.label}
            className={`an-bar c${place}`}
            x={x}
            width={width}
            y={to}
            height={Math.max(1, from - to)}
          />
        );
      })}
    </g>
  );
}

interface LineProps {
  line: MeanLine;
  index: number;
  xOf: (index: number) => number;
  yOf: (value: number) => number;
}

function Line({ line, index, xOf, yOf }: LineProps) {
  const point = (place: number) => [xOf(place), yOf(line.values[place] ?? 0)] as const;
  return (
    <g className={`an-line c${index}`}>
      {runsOf(line.values).map((run) => (
        <path key={run[0]} d={lineThrough(run.map(point))} />
      ))}
      {line.values.map(
        (value, place) => value !== null && <circle key={place} cx={xOf(place)} cy={yOf(value)} r={3} />,
      )}
    </g>
  );
}

function spoken(
  time: string,
  values: readonly { label: string; value: number | null }[],
  write: (value: number) => string,
): string {
  const told = values
    .filter(({ value }) => value !== null && value !== 0)
    .map(({ label, value }) => `${label} ${write(value ?? 0)}`);
  return `${time}: ${told.length ? told.join(", ") : "nothing"}`;
}
