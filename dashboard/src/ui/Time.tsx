import { useSyncExternalStore } from "react";

const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function watch(told: () => void): () => void {
  watchers.add(told);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of watchers) one();
  }, 1000);
  return () => {
    watchers.delete(told);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Milliseconds since 1970 in whole steps of `step`: what shows it is drawn again once a step. One timer serves all. */
export function useNow(step = 1000): number {
  return useSyncExternalStore(watch, () => Math.floor((timer ? now : Date.now()) / step) * step);
}

/** "12 s", "4 min", "3 h", "2 d" */
export function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** "840 ms", "3.2 s", "2 min 5 s", "1 h 3 min" */
export function durationOf(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** "in 4 min", "just now", "3 h ago" */
export function relative(at: number, to: number): string {
  const past = to - at;
  // Clocks differ by seconds, and this one goes in steps.
  if (past > -8000 && past < 5000) return "just now";
  return past < 0 ? `in ${spanOf(-past)}` : `${spanOf(past)} ago`;
}

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** at: RFC 3339. The title has it absolute. */
export function Time({ at }: { at: string | null | undefined }) {
  const clock = useNow(5000);
  if (!at) return <span className="quiet">never</span>;
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={absolute.format(time)} className="nowrap">
      {relative(time, clock)}
    </time>
  );
}
