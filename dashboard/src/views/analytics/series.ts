// Buckets of figures as layers that stand upon each other.

export interface Point {
  at: string;
  label: string;
  total: number;
  count: number;
}

export type Bucket = "minute" | "hour" | "day";

export interface Layer {
  label: string;
  /** One for each bucket. */
  values: number[];
  sum: number;
}

export interface Stack {
  /** Beginnings of the buckets, milliseconds. */
  times: number[];
  layers: Layer[];
  totals: number[];
  highest: number;
}

export const OTHER = "other";
export const TOP = 6;

export const MILLISECONDS: Readonly<Record<Bucket, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Every bucket from one end to the other, also those of which nothing is told. */
export function timesOf(from: number, to: number, bucket: Bucket): number[] {
  const step = MILLISECONDS[bucket];
  const times: number[] = [];
  for (let at = Math.floor(from / step) * step; at < to; at += step) times.push(at);
  return times;
}

/** The labels with most in them stand alone, the rest together; of: what of a point counts. */
export function stackOf(points: readonly Point[], times: readonly number[], of: (point: Point) => number): Stack {
  const step = (times[1] ?? 0) - (times[0] ?? 0) || 1;
  const first = times[0] ?? 0;
  const byLabel = new Map<string, number[]>();
  for (const point of points) {
    const place = Math.floor((Date.parse(point.at) - first) / step);
    if (!(place >= 0 && place < times.length)) continue;
    const values = byLabel.get(point.label) ?? times.map(() => 0);
    values[place] = (values[place] ?? 0) + of(point);
    byLabel.set(point.label, values);
  }
  const all = [...byLabel]
    .map(([label, values]) => ({ label, values, sum: sumOf(values) }))
    .filter((layer) => layer.sum > 0);
  all.sort((one, other) => other.sum - one.sum || one.label.localeCompare(other.label));
  const layers = all.slice(0, TOP);
  const rest = all.slice(TOP);
  if (rest.length) {
    const values = times.map((_, place) => sumOf(rest.map((layer) => layer.values[place] ?? 0)));
    layers.push({ label: `${OTHER} (${rest.length})`, values, sum: sumOf(values) });
  }
  const totals = times.map((_, place) => sumOf(layers.map((layer) => layer.values[place] ?? 0)));
  return { times: [...times], layers, totals, highest: Math.max(0, ...totals) };
}

/** Where a mean is asked for and not a sum: by bucket total / count over all labels, null where there is nothing. */
export function meansOf(points: readonly Point[], times: readonly number[]): (number | null)[] {
  const totals = stackOf(points, times, (point) => point.total).totals;
  const counts = stackOf(points, times, (point) => point.count).totals;
  return times.map((_, place) => (counts[place] ? (totals[place] ?? 0) / (counts[place] ?? 1) : null));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
