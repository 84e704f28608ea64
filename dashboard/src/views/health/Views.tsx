import { useEffect, useRef, useState } from "react";
import { type Api, ProblemError } from "../../client";
import { useApi, useOverview } from "../../client/react";
import { Reading } from "../../client/reading";
import { Badge, Card, durationOf, Time } from "../../ui";

/** One read of each service's views. */
const READS: Record<string, string> = {
  ingress: "/api/v1/signals?limit=1",
  planner: "/api/v1/approvals?limit=1",
  budget: "/api/v1/budgets",
  "agent-runner": "/api/v1/agents",
};

interface Followed {
  position: number;
  at: string;
  /** Milliseconds until the read had what the log held; null: it did not in time. */
  took: Record<string, number | null>;
}

/** How far each service's views are behind the log: how long a read waits that must see all of it. */
export function Views() {
  const followed = useFollowed();
  return (
    <Card title="Views behind the log" actions={followed && <span className="small quiet">at {followed.position}</span>}>
      <ul className="services" aria-label="views">
        {Object.keys(READS).map((name) => (
          <li key={name} className="row spread">
            <span>{name}</span>
            {followed ? <Lag took={followed.took[name] ?? null} /> : <span className="quiet">…</span>}
          </li>
        ))}
      </ul>
      {followed && (
        <p className="small quiet">
          Measured <Time at={followed.at} />, as reads that wait for the log's position
        </p>
      )}
    </Card>
  );
}

const SLOW_MS = 1000;

function Lag({ took }: { took: number | null }) {
  if (took === null) return <Badge status="behind" tone="bad" />;
  return <Badge status={took > SLOW_MS ? "slow" : "ok"} tone={took > SLOW_MS ? "warn" : "ok"}>{durationOf(took)}</Badge>;
}

function useFollowed(): Followed | null {
  const api = useApi();
  const { position } = useOverview();
  const newest = useRef(position);
  const reading = useRef<Reading<Followed> | null>(null);
  const [followed, setFollowed] = useState<Followed | null>(null);
  useEffect(() => {
    const measured = async (signal: AbortSignal): Promise<Followed> => {
      const at = newest.current;
      const timed = Object.entries(READS).map(async ([name, path]) => [name, await took(api, path, at, signal)] as const);
      return { position: at, at: new Date().toISOString(), took: Object.fromEntries(await Promise.all(timed)) };
    };
    const made = new Reading(measured, ({ value }) => setFollowed(value ?? null));
    reading.current = made;
    return () => made.end();
  }, [api]);
  useEffect(() => {
    newest.current = position;
    if (position > 0) reading.current?.renew();
  }, [api, position]);
  return followed;
}

async function took(api: Api, path: string, position: number, signal: AbortSignal): Promise<number | null> {
  const begun = performance.now();
  try {
    await api.get(path, { query: { wait_for: position }, signal });
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
  return performance.now() - begun;
}
