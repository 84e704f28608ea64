import { useState } from "react";
import type { List, Signal } from "../../client";
import { useRead } from "../../client/react";
import type { ViewProps } from "../../shell/view";
import { go, hrefOf, useQuery, useRoute } from "../../shell/router";
import {
  Button,
  type Column,
  choicesOf,
  EmptyState,
  ErrorBox,
  Page,
  SearchField,
  SelectField,
  Skeleton,
  Table,
  Time,
  Toolbar,
} from "../../ui";
import { OneSignal } from "./OneSignal";

const SOURCES = ["github", "gitlab", "jenkins", "ci", "prometheus", "custom", "events", "git", "system", "files", "trigger"];
const PAGE = 50;
// Where nobody is asked who he is, an empty one is none.
const EXAMPLE = [
  `curl -X POST ${location.origin}/webhook/system/disk_full`,
  `-H "authorization: Bearer $REVEILLE_TOKEN" -H 'content-type: application/json' -d '{"host": "db-1"}'`,
].join(" ");
const MOST = 500;

const COLUMNS: Column<Signal>[] = [
  { name: "source", title: "Source", show: (row) => <span className="chip">{row.source}</span> },
  {
    name: "what",
    title: "What",
    show: (row) => (
      <>
        <div className="mono truncate">{row.kind}</div>
        <div className="small quiet truncate">{row.title || row.summary}</div>
      </>
    ),
    className: "cell-main",
  },
  { name: "means", title: "Means", show: (row) => row.means, from: "wide" },
  { name: "repository", title: "Repository", show: (row) => row.repository, from: "medium" },
  { name: "actor", title: "By", show: (row) => row.actor, from: "medium" },
  { name: "at", title: "Received", show: (row) => <Time at={row.received_at} />, align: "end" },
];

export function Signals({ id }: ViewProps) {
  const [source, setSource] = useQuery("source");
  const [text, setText] = useQuery("q");
  const [limit, setLimit] = useState(PAGE);
  const { query } = useRoute();
  const list = useRead<List<Signal>>("/api/v1/signals", { query: { source, limit }, areas: ["signals"] });
  const items = list.value?.items;
  const rows = items?.filter((signal) => matches(signal, text));
  const kept = Object.fromEntries(query);
  return (
    <Page title="Signals" about={items && (list.value?.next ? `the newest ${items.length}` : `${items.length}`)}>
      <Toolbar label="signals">
        <SearchField label="Search signals" placeholder="Kind, title, repository or actor  ( / )" value={text} onChange={setText} />
        <SelectField label="Source" value={source} onChange={setSource} choices={choicesOf("all", SOURCES)} />
      </Toolbar>
      {list.error !== null && <ErrorBox error={list.error} what="The signals could not be read" onRetry={list.again} />}
      {!items && list.error === null && <Skeleton lines={6} label="loading the signals" />}
      {items?.length === 0 && !source && (
        <EmptyState
          title="Nothing has come in yet"
          command={EXAMPLE}
        >
          Point a webhook of GitHub, GitLab, Jenkins or Alertmanager here, or send something yourself.
        </EmptyState>
      )}
      {rows?.length === 0 && (source || (items?.length ?? 0) > 0) && (
        <EmptyState title="No signal is like that">Take a filter away.</EmptyState>
      )}
      {rows && rows.length > 0 && (
        <Table
          label="signals"
          columns={COLUMNS}
          rows={rows}
          keyOf={(row) => row.id}
          selected={id ?? null}
          onOpen={(row) => go(hrefOf(["signals", row.id], kept))}
        />
      )}
      {list.value?.next && limit < MOST && (
        <div className="row more-rows">
          <Button onClick={() => setLimit(Math.min(MOST, limit + 2 * PAGE))} disabled={list.loading}>
            Show more
          </Button>
        </div>
      )}
      {id && <OneSignal id={id} onClose={() => go(hrefOf(["signals"], kept))} />}
    </Page>
  );
}

function matches(signal: Signal, text: string): boolean {
  const { id, kind, title, summary, repository, actor, means } = signal;
  const all = [id, kind, title, summary, repository, actor, means].join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).filter(Boolean).every((word) => all.includes(word));
}
