import { useState } from "react";
import type { Approval, List } from "../../client";
import { useRead } from "../../client/react";
import { hrefOf, useQuery } from "../../shell/router";
import {
  Badge,
  type Column,
  choicesOf,
  CopyId,
  EmptyState,
  ErrorBox,
  Page,
  SelectField,
  Skeleton,
  Table,
  Time,
  Tokens,
  Toolbar,
} from "../../ui";
import { Decide, type Decision } from "./Decide";
import { OpenApproval } from "./OpenApproval";
import "./approvals.css";

const RESOLVED = ["approved", "rejected", "expired", "moot"];

const COLUMNS: Column<Approval>[] = [
  { name: "status", title: "Status", show: (row) => <Badge status={row.status} /> },
  { name: "question", title: "Question", show: (row) => row.question, className: "cell-question" },
  {
    name: "execution",
    title: "Execution",
    show: (row) => <CopyId id={row.execution_id} href={hrefOf(["executions", row.execution_id])} what="execution" />,
    from: "medium",
  },
  { name: "step", title: "Step", show: (row) => row.step || <span className="quiet">none</span>, from: "wide" },
  { name: "cost", title: "Cost", show: (row) => <Tokens value={row.cost} />, from: "wide", align: "end" },
  { name: "resolved", title: "Resolved", show: (row) => <Time at={row.resolved_at} />, align: "end" },
];

export function Approvals() {
  const [status, setStatus] = useQuery("status");
  const [deciding, setDeciding] = useState<Decision | null>(null);
  const open = useRead<List<Approval>>("/api/v1/approvals", { query: { status: "open" }, areas: ["approvals"] });
  const all = useRead<List<Approval>>("/api/v1/approvals", { query: { status, limit: 100 }, areas: ["approvals"] });
  const waiting = open.value?.items.toSorted(byDeadline);
  const past = all.value?.items.filter((approval) => approval.status !== "open");
  return (
    <Page title="Approvals" about={waiting && `${waiting.length} open`}>
      {open.error !== null && (
        <ErrorBox error={open.error} what="The approvals could not be read" onRetry={open.again} />
      )}
      {!waiting && open.error === null && <Skeleton lines={5} label="loading the approvals" />}
      {waiting?.length === 0 && (
        <EmptyState title="Nobody is asked anything">
          A step is held here where its blueprint, its agent's budget or an execution's autopilot wants a person to decide.
        </EmptyState>
      )}
      <ul className="stack" aria-label="open approvals">
        {waiting?.map((approval) => (
          <OpenApproval key={approval.id} approval={approval} onDecide={setDeciding} />
        ))}
      </ul>
      <section className="past" aria-label="resolved approvals">
        <Toolbar label="resolved approvals">
          <h2>Resolved</h2>
          <SelectField label="How" value={status} onChange={setStatus} choices={choicesOf("all", RESOLVED)} />
        </Toolbar>
        {all.error !== null && <ErrorBox error={all.error} onRetry={all.again} />}
        {past?.length === 0 && <p className="quiet">None yet.</p>}
        {past && past.length > 0 && <Table label="resolved approvals" columns={COLUMNS} rows={past} keyOf={({ id }) => id} />}
      </section>
      {deciding && (
        <Decide
          decision={deciding}
          onClose={() => setDeciding(null)}
          onDone={(position) => {
            open.again(position);
            all.again(position);
          }}
        />
      )}
    </Page>
  );
}

/** What is due first stands first; what has no deadline last. */
function byDeadline(a: Approval, b: Approval): number {
  return (a.deadline ?? "9").localeCompare(b.deadline ?? "9");
}
