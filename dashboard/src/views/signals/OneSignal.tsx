import { useState } from "react";
import type { ExecutionSummary, Explanation, Fleet, List, Signal } from "../../client";
import { useRead } from "../../client/react";
import { hrefOf } from "../../shell/router";
import { Badge, choicesOf, CopyId, ErrorBox, Json, Modal, SelectField, Skeleton, Time } from "../../ui";
import "./signals.css";

interface Props {
  id: string;
  onClose: () => void;
}

/** What came, what began because of it, and for each agent why it woke or why not. */
export function OneSignal({ id, onClose }: Props) {
  const signal = useRead<Signal>(`/api/v1/signals/${encodeURIComponent(id)}`);
  const begun = useRead<List<ExecutionSummary>>("/api/v1/executions", { query: { signal_id: id, summary: true }, areas: ["executions"] });
  const { value } = signal;
  return (
    <Modal title="Signal" wide onClose={onClose}>
      <div className="stack">
        {signal.error !== null && <ErrorBox error={signal.error} what="It could not be read" onRetry={signal.again} />}
        {!value && signal.error === null && <Skeleton lines={6} />}
        {value && <Facts signal={value} />}
        <h3>Began because of it</h3>
        {begun.value?.items.length === 0 && <p className="quiet">Nothing.</p>}
        <ul className="stack">
          {begun.value?.items.map((execution) => (
            <li key={execution.id} className="row wrap">
              <Badge status={execution.status} />
              <span>{execution.blueprint || execution.agent}</span>
              <CopyId id={execution.id} href={hrefOf(["executions", execution.id])} what="execution" />
            </li>
          ))}
        </ul>
        <Explained signal={id} />
        {value && (
          <details>
            <summary>Whole</summary>
            <Json value={value} label="the signal" />
          </details>
        )}
      </div>
    </Modal>
  );
}

/** Of the agents that rules wake, and of those that somebody asks about. */
function Explained({ signal }: { signal: string }) {
  const fleet = useRead<Fleet>("/api/v1/fleet", { areas: ["fleet"] });
  const [asked, setAsked] = useState<string[]>([]);
  const ruled = new Set(fleet.value?.rules.map(({ wake }) => wake).filter(Boolean));
  const shown = [...ruled, ...asked];
  const others = fleet.value?.agents.map(({ name }) => name).filter((name) => !shown.includes(name)) ?? [];
  return (
    <>
      <div className="row wrap spread">
        <h3>Why each agent woke, or why not</h3>
        {others.length > 0 && (
          <SelectField
            label="Ask about"
            value=""
            onChange={(name) => name && setAsked([...asked, name])}
            choices={choicesOf("another agent…", others)}
          />
        )}
      </div>
      <ul className="why-list" aria-label="agents">
        {shown.map((agent) => (
          <Why key={agent} signal={signal} agent={agent} />
        ))}
      </ul>
    </>
  );
}

function Facts({ signal }: { signal: Signal }) {
  return (
    <dl className="facts">
      <dt>Kind</dt>
      <dd>
        <span className="chip">{signal.source}</span> <span className="mono">{signal.kind}</span>{" "}
        <span className="quiet">means {signal.means}</span>
      </dd>
      {(signal.title || signal.summary) && (
        <>
          <dt>About</dt>
          <dd>{signal.url ? <a href={signal.url}>{signal.title || signal.summary}</a> : signal.title || signal.summary}</dd>
        </>
      )}
      {signal.repository && (
        <>
          <dt>Repository</dt>
          <dd>
            {signal.repository} <span className="quiet">{signal.ref}</span>
          </dd>
        </>
      )}
      {signal.actor && (
        <>
          <dt>By</dt>
          <dd>{signal.actor}</dd>
        </>
      )}
      <dt>Received</dt>
      <dd>
        <Time at={signal.received_at} /> {!signal.verified && <span className="tone-warn">not verified</span>}
      </dd>
      <dt>Id</dt>
      <dd>
        <CopyId id={signal.id} />
      </dd>
    </dl>
  );
}

function Why({ signal, agent }: { signal: string; agent: string }) {
  const why = useRead<Explanation>("/api/v1/explain", { query: { signal, agent } });
  const { value } = why;
  return (
    <li>
      <strong>{agent}</strong>
      {!value && why.error === null && <span className="quiet">…</span>}
      {why.error !== null && <span className="tone-bad">{(why.error as Error).message}</span>}
      {value && (
        <>
          <Badge status={value.reason} tone={value.woke ? "ok" : "idle"}>
            {value.reason.replaceAll("_", " ")}
          </Badge>
          <span className="quiet">
            {value.detail}
            {value.rule && ` (rule ${value.rule})`}
          </span>
        </>
      )}
    </li>
  );
}
