import { useMemo } from "react";
import { Card } from "../../ui";
import { Chart } from "./Chart";
import { FiguresTable } from "./FiguresTable";
import { type Bucket, type Point, stackOf } from "./series";
import { linesOf } from "./means";

interface Props {
  title: string;
  /** What its labels are. */
  by: string;
  points: readonly Point[];
  times: readonly number[];
  bucket: Bucket;
  table: boolean;
  wide?: boolean;
  /** Its values are means from 0 to 100 and do not stand upon each other. */
  mean?: boolean;
  write?: (value: number) => string;
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function ChartCard({
  title,
  by,
  points,
  times,
  bucket,
  table,
  wide = false,
  mean = false,
  write = compact.format,
}: Props) {
  const stack = useMemo(() => stackOf(points, times, (point) => point.total), [points, times]);
  const lines = useMemo(() => (mean ? linesOf(points, times) : null), [mean, points, times]);
  const empty = stack.layers.length === 0;
  return (
    <Card
      title={title}
      actions={<span className="small quiet">by {by}</span>}
      className={wide ? "an-card wide" : "an-card"}
    >
      {empty && <p className="quiet an-empty">None in this time.</p>}
      {!empty && table && <FiguresTable title={title} stack={stack} lines={lines} bucket={bucket} write={write} />}
      {!empty && !table && <Chart title={title} stack={stack} lines={lines} bucket={bucket} write={write} />}
    </Card>
  );
}
