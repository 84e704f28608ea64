// Axes: where their lines stand and what is written there.

import type { Bucket } from "./series";

/** About `count` round numbers from 0 to at least `highest`; the last one is the top of the axis. */
export function ticksOf(highest: number, count = 4): number[] {
  if (!(highest > 0)) return [0, 1];
  const rough = highest / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks = [0];
  while ((ticks.at(-1) ?? 0) < highest) ticks.push(rounded(ticks.length * step));
  return ticks;
}

/** 0.1 + 0.2 is 0.3 on an axis. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** Places of the buckets that get a text: as many as there is room for, evenly, on round times. */
export function timeTicks(times: readonly number[], bucket: Bucket, room: number, offset = 0): number[] {
  const rounds: Readonly<Record<Bucket, readonly number[]>> = {
    minute: [1, 5, 10, 15, 30, 60],
    hour: [1, 2, 3, 6, 12, 24, 48],
    day: [1, 2, 5, 10, 15, 30],
  };
  const size = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[bucket];
  const every = rounds[bucket].find((step) => times.length / step <= room) ?? times.length;
  const found: number[] = [];
  times.forEach((time, place) => {
    if (Math.floor((time - offset) / size) % every === 0) found.push(place);
  });
  return found;
}

/** Points of an area's outline with flat steps taken out, so that a long flat line is two points. */
export function lineThrough(points: readonly (readonly [number, number])[]): string {
  let path = "";
  points.forEach(([x, y], place) => {
    const before = points[place - 1];
    const after = points[place + 1];
    if (before && after && before[1] === y && after[1] === y) return;
    path += `${place === 0 ? "M" : "L"}${tenth(x)} ${tenth(y)}`;
  });
  return path;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
