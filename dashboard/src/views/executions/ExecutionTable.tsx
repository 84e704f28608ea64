import type { ExecutionSummary } from "../../client";
import { hrefOf } from "../../shell/router";
import { Badge, Bar, type Column, CopyId, durationOf, Table, Time, Tokens, useNow } from "../../ui";
import { causeOf, durationMs, progressOf, whatOf } from "./rows";

const COLUMNS: Column<ExecutionSummary>[] = [
  { name: "status", title: "Status", show: (row) => <Badge status={row.status} />, className: "cell-status" },
  {
    name: "what",
    title: "What",
    show: (row) => (
      <div>
        <div className="truncate">
          {whatOf(row)} <span className="quiet">{row.about}</span>
        </div>
        <CopyId id={row.id} href={hrefOf(["executions", row.id])} what="execution" />
      </div>
    ),
    className: "cell-fill",
  },
  { name: "progress", title: "Done", show: (row) => <Done execution={row} />, from: "medium" },
  { name: "cause", title: "Because of", show: (row) => <span className="quiet">{causeOf(row)}</span>, from: "wide" },
  {
    name: "conversation",
    title: "Conversation",
    show: (row) => <span className="mono quiet">{row.conversation_id}</span>,
    from: "wide",
  },
  { name: "tokens", title: "Used", show: (row) => <Tokens value={row.tokens_used} />, from: "medium", align: "end" },
  { name: "took", title: "Took", show: (row) => <Took execution={row} />, from: "medium", align: "end" },
  { name: "started", title: "Started", show: (row) => <Time at={row.started_at} />, align: "end" },
];

interface Props {
  rows: ExecutionSummary[];
  onOpen: (execution: ExecutionSummary) => void;
}

export function ExecutionTable({ rows, onOpen }: Props) {
  return <Table label="executions" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} onOpen={onOpen} />;
}

function Done({ execution }: { execution: ExecutionSummary }) {
  const percent = progressOf(execution);
  if (percent === null) return null;
  const tone = execution.status === "failed" ? "bad" : percent === 100 ? "ok" : "info";
  return (
    <div className="steps">
      <Bar label="done" text={`${percent} %`} value={percent} max={100} tone={tone} />
      <span className="small nowrap">{percent} %</span>
    </div>
  );
}

function Took({ execution }: { execution: ExecutionSummary }) {
  const now = useNow(1000);
  const took = durationMs(execution, now);
  return <span className="nowrap">{took === null ? "" : durationOf(Math.max(0, took))}</span>;
}
