import type { DeadLetter, Figures as Metrics, List, Status, Totals } from "../../client";
import { useConnection, useRead } from "../../client/react";
import { Badge, Card, Count, ErrorBox, Figure, Figures, Page, Skeleton, spanOf, Time, useNow } from "../../ui";
import { Advice } from "./Advice";
import { Inboxes } from "./Inboxes";
import { Views } from "./Views";
import "./health.css";

interface Readiness {
  status: "ready" | "unready";
  reasons: string[];
}

export function Health() {
  const status = useRead<Status>("/status", { areas: ["health", "agents"] });
  const ready = useRead<Readiness>("/readyz", { areas: ["health"], take: [503] });
  const metrics = useRead<Metrics>("/metrics", { areas: ["health", "agents"] });
  const totals = useRead<Totals>("/api/v1/executions/events/stats", { areas: ["health", "executions", "signals", "deadletters"] });
  const letters = useRead<List<DeadLetter>>("/api/v1/deadletters", { query: { status: "parked" }, areas: ["deadletters"] });
  const connection = useConnection();
  const { value } = status;
  return (
    <Page title="Health" about={value && <Badge status={value.status} />}>
      {status.error !== null && <ErrorBox error={status.error} what="The platform does not say how it is" onRetry={status.again} />}
      {!value && status.error === null && <Skeleton lines={6} label="loading the health" />}
      <Advice
        readiness={ready.value}
        status={value}
        totals={totals.value}
        parked={letters.value?.items.length ?? 0}
        lost={connection.name === "waiting" || connection.name === "closed"}
      />
      <Figures label="the platform">
        <Figure label="Up" note={value && `version ${value.version}, ${value.mode}`}>
          {value && status.readAt !== null ? <Uptime seconds={value.uptime} readAt={status.readAt} /> : "…"}
        </Figure>
        <Figure label="Memory" note="of this process">
          {metrics.value?.system.memory.rssMb ? `${Math.round(metrics.value.system.memory.rssMb)} MB` : "n/a"}
        </Figure>
        <Figure label="Plans" note={totals.value && `${totals.value.store.total_parties} parties`}>
          <Count value={totals.value?.store.total_plans} />
        </Figure>
        <Figure label="Delivered" note="messages">
          <Count value={totals.value?.bus.total_delivered} />
        </Figure>
        <Figure label="Attempts made again" note={totals.value && `${totals.value.bus.parked} parked`}>
          <Count value={totals.value?.bus.failed_deliveries} />
        </Figure>
      </Figures>
      <div className="health-grid">
        <Card title="Services">
          <ul className="services" aria-label="services">
            {Object.entries(value?.services ?? {}).map(([name, health]) => (
              <li key={name} className="row spread">
                <span>{name}</span>
                <Badge status={health} tone={health === "serving" ? "ok" : "bad"} />
              </li>
            ))}
          </ul>
        </Card>
        <Card title="Readiness" actions={ready.value && <Badge status={ready.value.status} />}>
          {ready.value?.reasons.length === 0 && <p className="quiet">Nothing keeps it from taking requests.</p>}
          <ul className="stack">{ready.value?.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>
          {ready.readAt !== null && (
            <p className="small quiet">
              Looked at <Time at={new Date(ready.readAt).toISOString()} />
            </p>
          )}
        </Card>
        <Views />
      </div>
      {totals.error !== null && <ErrorBox error={totals.error} what="The bus does not say its figures" onRetry={totals.again} />}
      {totals.value && <Inboxes bus={totals.value.bus} />}
    </Page>
  );
}

function Uptime({ seconds, readAt }: { seconds: number; readAt: number }) {
  const now = useNow();
  return spanOf(seconds * 1000 + Math.max(0, now - readAt));
}
