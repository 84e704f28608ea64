import { type FormEvent, useState } from "react";
import type { Execution, List } from "../../client";
import { useApi, useRead } from "../../client/react";
import { go, hrefOf } from "../../shell/router";
import {
  Badge,
  Bar,
  Button,
  Card,
  type Column,
  EmptyState,
  ErrorBox,
  Locked,
  Page,
  shortId,
  Skeleton,
  Table,
  Time,
  useRefusal,
} from "../../ui";
import "./parties.css";

/** As the list tells it in short. */
type Listed = Pick<Execution, "id" | "status" | "started_at"> & { about: string; completion_percent: number };

const COLUMNS: Column<Listed>[] = [
  {
    name: "about",
    title: "Party",
    className: "cell-main",
    show: (one) => <b className="truncate pa-about">{one.about || one.id}</b>,
  },
  { name: "status", title: "Status", show: (one) => <Badge status={one.status} /> },
  { name: "done", title: "Complete", show: (one) => <Complete party={one} /> },
  {
    name: "id",
    title: "Id",
    from: "wide",
    show: (one) => (
      <span className="mono quiet" title={one.id}>
        {shortId(one.id)}
      </span>
    ),
  },
  { name: "began", title: "Began", from: "medium", show: (one) => <Time at={one.started_at} /> },
];

export function Parties() {
  const list = useRead<List<Listed>>("/api/v1/executions", {
    query: { blueprint: "party", summary: true, limit: 50 },
    areas: ["executions"],
  });
  const items = list.value?.items;
  const refusal = useRefusal("plan");
  return (
    <Page
      title="Parties"
      about={items && items.length > 0 ? `${items.length}${list.value?.next ? "+" : ""}` : undefined}
    >
      <div className="stack">
        {refusal === null ? <Start /> : <Locked needs="plan" />}
        {list.error !== null && (
          <ErrorBox error={list.error} what="The parties could not be read" onRetry={list.again} />
        )}
        {!items && list.error === null && <Skeleton lines={6} label="loading the parties" />}
        {items?.length === 0 && (
          <EmptyState title="No party is planned yet" command="reveille demo party">
            {refusal === null ? "Say above what it shall be: the" : "The"} agents that it needs wake, and the plan grows as its
            wishes do.
          </EmptyState>
        )}
        {items && items.length > 0 && (
          <Table
            label="parties"
            columns={COLUMNS}
            rows={items}
            keyOf={(one) => one.id}
            onOpen={(one) => go(hrefOf(["parties", one.id]))}
          />
        )}
      </div>
    </Page>
  );
}

/** One line is one input. */
function Start() {
  const api = useApi();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const inputs = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

  const start = async (event?: FormEvent) => {
    event?.preventDefault();
    if (inputs.length === 0 || busy) return;
    setBusy(true);
    setError(null);
    try {
      const body = { inputs: inputs.map((content) => ({ content })) };
      const { party_id } = await api.post<{ party_id: string }>("/api/v1/event-driven/start", body);
      go(hrefOf(["parties", party_id]));
    } catch (raised) {
      setError(raised);
      setBusy(false);
    }
  };
  return (
    <Card title="Plan a party">
      <form className="stack" onSubmit={start}>
        <textarea
          className="field"
          rows={3}
          aria-label="what the party shall be, one wish a line"
          placeholder={
            "jungle theme party for 75 guests in Austin\nbudget of 3000\nchocolate cake, two guests are vegan"
          }
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void start()}
        />
        <div className="row wrap spread">
          <span className="small quiet">One wish a line. Only the agents that a wish needs wake.</span>
          <Button type="submit" kind="primary" disabled={inputs.length === 0 || busy}>
            {inputs.length > 1 ? `Start with ${inputs.length} wishes` : "Start"}
          </Button>
        </div>
        {error !== null && <ErrorBox error={error} what="The party was not started" />}
      </form>
    </Card>
  );
}

function Complete({ party }: { party: Listed }) {
  const percent = party.completion_percent;
  return (
    <span className="pa-complete">
      <Bar
        value={percent}
        max={100}
        label={`${party.id} complete`}
        text={`${percent} %`}
        tone={percent === 100 ? "ok" : "info"}
      />
      <span className="mono small">{percent} %</span>
    </span>
  );
}
