// Means over time, a line for each label.

import { meansOf, type Point, TOP } from "./series";

export interface MeanLine {
  label: string;
  /** By bucket; null where there is nothing. */
  values: (number | null)[];
}

/** The labels with most behind them, the most first. */
export function linesOf(points: readonly Point[], times: readonly number[]): MeanLine[] {
  const counts = new Map<string, number>();
  for (const point of points) counts.set(point.label, (counts.get(point.label) ?? 0) + point.count);
  const labels = [...counts]
    .sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]))
    .map(([label]) => label);
  return labels.slice(0, TOP).map((label) => ({
    label,
    values: meansOf(
      points.filter((point) => point.label === label),
      times,
    ),
  }));
}

/** Runs of buckets that follow each other, as places: a line has a gap where there is nothing. */
export function runsOf(values: readonly (number | null)[]): number[][] {
  const runs: number[][] = [];
  values.forEach((value, place) => {
    if (value === null) return;
    const last = runs.at(-1);
    if (last && last.at(-1) === place - 1) last.push(place);
    else runs.push([place]);
  });
  return runs;
}
