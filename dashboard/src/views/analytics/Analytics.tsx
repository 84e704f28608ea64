import { useMemo, useState } from "react";
import { useOverview, useRead } from "../../client/react";
import { useQuery } from "../../shell/router";
import { Button, Count, EmptyState, ErrorBox, Figure, Figures, moneyOf, Page, Skeleton } from "../../ui";
import { ChartCard } from "./ChartCard";
import { type Bucket, MILLISECONDS, type Point, timesOf } from "./series";
import "./analytics.css";

interface Total {
  total: number | null;
  count: number;
}

interface Answer {
  from: string;
  to: string;
  bucket: Bucket;
  currency?: string | null;
  series: Partial<Record<string, Point[]>>;
  totals: Partial<Record<string, Total>>;
}

const RANGES = [
  { name: "1h", title: "1 hour", bucket: "minute", span: 3_600_000 },
  { name: "24h", title: "24 hours", bucket: "hour", span: 86_400_000 },
  { name: "7d", title: "7 days", bucket: "hour", span: 7 * 86_400_000 },
  { name: "30d", title: "30 days", bucket: "day", span: 30 * 86_400_000 },
] as const;

const NONE: readonly Point[] = [];

export function Analytics() {
  const [name, setName] = useQuery("range");
  const [tables, setTables] = useState(false);
  const range = RANGES.find((one) => one.name === name) ?? RANGES[1];
  const { versions } = useOverview();
  // The window moves on when something has happened, a bucket at a time.
  const from = useMemo(() => beginning(range.span, range.bucket), [range, versions.analytics]);
  const read = useRead<Answer>("/api/v1/analytics", { query: { from, bucket: range.bucket }, areas: ["analytics"] });
  const answer = read.value;
  const times = useMemo(
    () => (answer ? timesOf(Date.parse(answer.from), Date.parse(answer.to), answer.bucket) : []),
    [answer],
  );
  const of = (series: string) => answer?.series[series] ?? NONE;
  const total = (series: string) => answer?.totals[series];
  const nothing = answer !== undefined && Object.values(answer.series).every((points) => !points?.length);
  const money = (value: number) => moneyOf(value, answer?.currency);
  const drawn = { times, bucket: answer?.bucket ?? range.bucket, table: tables };

  return (
    <Page
      title="Analytics"
      about={`the last ${range.title.replace(/^1 /, "")}, by ${range.bucket}`}
      actions={
        <>
          <div className="an-ranges" role="group" aria-label="range">
            {RANGES.map((one) => (
              <Button
                key={one.name}
                kind={one === range ? "primary" : "plain"}
                aria-pressed={one === range}
                onClick={() => setName(one.name)}
              >
                {one.title}
              </Button>
            ))}
          </div>
          <Button aria-pressed={tables} onClick={() => setTables(!tables)}>
            {tables ? "Show charts" : "Show tables"}
          </Button>
        </>
      }
    >
      {read.error !== null && <ErrorBox error={read.error} what="The figures could not be read" onRetry={read.again} />}
      {!answer && read.error === null && <Skeleton lines={10} label="loading the figures" />}
      {answer && (
        <>
          <Figures label={`figures of the last ${range.title.replace(/^1 /, "")}`}>
            <Figure label="events">
              <Count value={total("events")?.total ?? 0} />
            </Figure>
            <Figure label="wakes">
              <Count value={total("wakes")?.total ?? 0} />
            </Figure>
            <Figure label="tokens">
              <Count value={total("tokens")?.total ?? 0} />
            </Figure>
            <Figure label="money" note={total("money")?.total === null ? "not every model has a price" : undefined}>
              {total("money")?.total === null ? "n/a" : money(total("money")?.total ?? 0)}
            </Figure>
            <Figure label="quality" note={total("quality")?.count ? `${total("quality")?.count} checks` : undefined}>
              {meanOf(total("quality"))}
            </Figure>
          </Figures>
          {nothing ? (
            <EmptyState title={`Nothing happened in the last ${range.title.replace(/^1 /, "")}`} command="reveille demo party">
              What happens from now on is drawn here.
            </EmptyState>
          ) : (
            <div className="an-charts">
              <ChartCard {...drawn} title="Events" by="type" points={of("events")} wide />
              <ChartCard {...drawn} title="Wakes" by="agent" points={of("wakes")} />
              <ChartCard {...drawn} title="Tokens" by="agent" points={of("tokens")} />
              <ChartCard {...drawn} title="Money" by="model" points={of("money")} write={money} />
              <ChartCard {...drawn} title="Quality" by="department" points={of("quality")} mean />
            </div>
          )}
        </>
      )}
    </Page>
  );
}

function beginning(span: number, bucket: Bucket): string {
  const size = MILLISECONDS[bucket];
  return new Date(Math.ceil(Date.now() / size) * size - span).toISOString();
}

function meanOf(total: Total | undefined) {
  if (!total?.count || total.total === null) return <span className="quiet">none</span>;
  return (
    <>
      {Math.round(total.total / total.count)} <span className="quiet">of 100</span>
    </>
  );
}
