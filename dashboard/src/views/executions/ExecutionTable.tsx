import type { Execution } from "../../client";
import { hrefOf } from "../../shell/router";
import { Badge, Bar, type Column, CopyId, durationOf, Table, Time, Tokens, useNow } from "../../ui";
import { causeOf, durationMs, progressOf, whatOf } from "./rows";

const COLUMNS: Column<Execution>[] = [
  { name: "status", title: "Status", show: (row) => <Badge status={row.status} />, className: "cell-status" },
  {
    name: "what",
    title: "What",
    show: (row) => (
      <div>
        <div className="truncate">{whatOf(row)}</div>
        <CopyId id={row.id} href={hrefOf(["executions", row.id])} what="execution" />
      </div>
    ),
    className: "cell-main",
  },
  { name: "progress", title: "Steps", show: (row) => <Steps execution={row} />, from: "medium" },
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
  rows: Execution[];
  onOpen: (execution: Execution) => void;
}

export function ExecutionTable({ rows, onOpen }: Props) {
  return <Table label="executions" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} onOpen={onOpen} />;
}

function Steps({ execution }: { execution: Execution }) {
  const { done, all } = progressOf(execution);
  if (all === 0) return <span className="quiet">none yet</span>;
  const tone = execution.status === "failed" ? "bad" : done === all ? "ok" : "info";
  return (
    <div className="steps">
      <Bar label="steps done" text={`${done} of ${all} steps`} value={done} max={all} tone={tone} />
      <span className="small nowrap">
        {done}/{all}
      </span>
    </div>
  );
}

function Took({ execution }: { execution: Execution }) {
  const now = useNow(1000);
  const took = durationMs(execution, now);
  return <span className="nowrap">{took === null ? "" : durationOf(Math.max(0, took))}</span>;
}
