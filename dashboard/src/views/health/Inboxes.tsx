import type { Topic, Totals } from "../../client";
import { type Column, Count, Table, Time } from "../../ui";

const COLUMNS: Column<Topic>[] = [
  { name: "service", title: "Inbox of", show: (row) => <strong>{row.service}</strong> },
  { name: "topic", title: "Topic", show: (row) => <span className="mono quiet">{row.topic}</span>, from: "wide" },
  { name: "published", title: "Published", show: (row) => <Count value={row.published} />, align: "end", from: "medium" },
  { name: "delivered", title: "Delivered", show: (row) => <Count value={row.delivered} />, align: "end" },
  { name: "waiting", title: "Under way", show: (row) => <Count value={waiting(row)} />, align: "end" },
  {
    name: "failed",
    title: "Made again",
    show: (row) => <span className={row.failed > 0 ? "tone-warn" : ""}>{row.failed}</span>,
    align: "end",
    from: "medium",
  },
  {
    name: "parked",
    title: "Parked",
    show: (row) => <span className={row.parked > 0 ? "tone-bad" : ""}>{row.parked}</span>,
    align: "end",
  },
  { name: "since", title: "Counted since", show: (row) => <Time at={row.since} />, align: "end", from: "wide" },
];

export function Inboxes({ bus }: { bus: Totals["bus"] }) {
  return (
    <section className="inboxes">
      <h2>Inboxes</h2>
      <Table label="inboxes" columns={COLUMNS} rows={bus.topics} keyOf={({ topic }) => topic} />
      {bus.unreachable.length > 0 && <p className="tone-bad small">Do not answer: {bus.unreachable.join(", ")}</p>}
    </section>
  );
}

function waiting({ published, delivered, parked }: Topic): number {
  return Math.max(0, published - delivered - parked);
}
