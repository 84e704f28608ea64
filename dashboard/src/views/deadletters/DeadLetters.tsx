import type { DeadLetter, List } from "../../client";
import { useRead } from "../../client/react";
import type { ViewProps } from "../../shell/view";
import { go, hrefOf, useQuery, useRoute } from "../../shell/router";
import {
  Badge,
  type Column,
  choicesOf,
  EmptyState,
  ErrorBox,
  Page,
  SelectField,
  Skeleton,
  Table,
  Time,
  Toolbar,
} from "../../ui";
import { OneDeadLetter } from "./OneDeadLetter";

const SERVICES = ["analyzer", "planner", "budget", "agent-runner"];
const STATUSES = ["parked", "retried", "dropped"];
const CHOICES = [...choicesOf("parked", ["retried", "dropped"]), { value: "all", text: "all" }];

const COLUMNS: Column<DeadLetter>[] = [
  { name: "status", title: "Status", show: (row) => <Badge status={row.status} /> },
  { name: "event", title: "Event", show: (row) => <span className="nowrap">{nameOf(row.type)}</span> },
  { name: "error", title: "Why", show: (row) => <div className="truncate">{row.error}</div>, className: "cell-fill" },
  { name: "service", title: "Service", show: (row) => row.service, from: "medium" },
  { name: "attempts", title: "Attempts", show: (row) => row.attempts, from: "wide", align: "end" },
  { name: "parked", title: "Parked", show: (row) => <Time at={row.parked_at} />, align: "end" },
];

export function DeadLetters({ id }: ViewProps) {
  const [asked, setStatus] = useQuery("status");
  const [service, setService] = useQuery("service");
  const { query } = useRoute();
  const status = asked === "all" ? "" : STATUSES.includes(asked) ? asked : "parked";
  const list = useRead<List<DeadLetter>>("/api/v1/deadletters", {
    query: { status, service, limit: 200 },
    areas: ["deadletters"],
  });
  const rows = list.value?.items;
  const kept = Object.fromEntries(query);
  return (
    <Page title="Dead letters" about={rows && `${rows.length}${list.value?.next ? "+" : ""} ${status || "in all"}`}>
      <Toolbar label="dead letters">
        <SelectField label="Status" value={asked} onChange={setStatus} choices={CHOICES} />
        <SelectField label="Service" value={service} onChange={setService} choices={choicesOf("all", SERVICES)} />
      </Toolbar>
      {list.error !== null && (
        <ErrorBox error={list.error} what="The dead letters could not be read" onRetry={list.again} />
      )}
      {!rows && list.error === null && <Skeleton lines={6} label="loading the dead letters" />}
      {rows?.length === 0 && (
        <EmptyState title={status === "parked" && !service ? "Everything could be handled" : "No dead letter is like that"}>
          A message that a service can never handle is parked here, whole and with the reason, so that nothing behind it waits.
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <Table
          label="dead letters"
          columns={COLUMNS}
          rows={rows}
          keyOf={(row) => row.id}
          selected={id ?? null}
          onOpen={(row) => go(hrefOf(["deadletters", row.id], kept))}
        />
      )}
      {id && (
        <OneDeadLetter id={id} onClose={() => go(hrefOf(["deadletters"], kept))} onDone={(position) => list.again(position)} />
      )}
    </Page>
  );
}

/** Without its package. */
export function nameOf(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1);
}
