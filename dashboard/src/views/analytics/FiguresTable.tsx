import type { MeanLine } from "./means";
import type { Bucket, Stack } from "./series";
import { timeText } from "./times";

interface Props {
  title: string;
  stack: Stack;
  lines: readonly MeanLine[] | null;
  bucket: Bucket;
  write: (value: number) => string;
}

/** The same as the chart in figures: buckets in which something was, the newest first. */
export function FiguresTable({ title, stack, lines, bucket, write }: Props) {
  const labels = lines ? lines.map((line) => line.label) : stack.layers.map((layer) => layer.label);
  const places = stack.times.map((_, place) => place).filter((place) => (stack.totals[place] ?? 0) > 0);
  const cell = (place: number, index: number): string => {
    if (!lines) return write(stack.layers[index]?.values[place] ?? 0);
    const value = lines[index]?.values[place];
    return value === null || value === undefined ? "" : String(Math.round(value));
  };
  return (
    <div className="table-scroll an-table" tabIndex={0} role="region" aria-label={`${title} as a table`}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">time</th>
            {labels.map((label) => (
              <th key={label} scope="col" className="align-end">
                {label}
              </th>
            ))}
            {!lines && (
              <th scope="col" className="align-end">
                all
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {places.reverse().map((place) => (
            <tr key={place}>
              <th scope="row">{timeText(stack.times[place] ?? 0, bucket)}</th>
              {labels.map((label, index) => (
                <td key={label} className="align-end mono">
                  {cell(place, index)}
                </td>
              ))}
              {!lines && <td className="align-end mono">{write(stack.totals[place] ?? 0)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
