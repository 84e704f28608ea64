import { hrefOf } from "../../shell/router";
import { Badge, Bar, Count, shortId, Time, Unknown } from "../../ui";
import type { AgentCard } from "./figures";

export function AgentTile({ card }: { card: AgentCard }) {
  return (
    <li className={`card agent agent-${card.state}`} aria-label={card.id}>
      <header className="row spread">
        <h2 className="truncate" title={card.id}>
          <a href={hrefOf(["executions"], { agent: card.id })}>{card.id}</a>
        </h2>
        <Badge status={card.state} />
      </header>
      <p className="quiet small agent-title">{card.title}</p>
      <Spent card={card} />
      <p className="small">
        <LastWake card={card} />
      </p>
      <Pause card={card} />
      <ul className="row wrap agent-chips" aria-label="capabilities">
        {card.capabilities.map((name) => (
          <li key={name} className="chip">
            {name}
          </li>
        ))}
        {card.remote && (
          <li className="chip">{card.connections > 0 ? `remote, ${card.connections} connected` : "remote, not connected"}</li>
        )}
      </ul>
    </li>
  );
}

function Spent({ card: { id, budget } }: { card: AgentCard }) {
  if (!budget)
    return (
      <p className="small">
        Budget <Unknown />
      </p>
    );
  return (
    <div className="agent-budget">
      <div className="row spread small">
        <span className="quiet">Today</span>
        <span>
          <Count value={budget.used} /> <span className="quiet">of</span> <Count value={budget.limit} />{" "}
          <span className="quiet">tokens</span>
        </span>
      </div>
      <Bar
        label={`budget of ${id} today`}
        text={`${budget.used} of ${budget.limit} tokens`}
        value={budget.used}
        max={budget.limit}
        tone="ok"
        warnAt={0.75}
        badAt={1}
      />
    </div>
  );
}

function LastWake({ card }: { card: AgentCard }) {
  if (!card.last_wake) return <span className="quiet">Has not been woken yet</span>;
  return (
    <>
      <span className="quiet">Woke</span> <Time at={card.last_wake} />
      {card.why && (
        <>
          {" "}
          <span className="quiet">for</span>{" "}
          <a className="mono" href={hrefOf(["executions", card.why])} title={card.why}>
            {shortId(card.why)}
          </a>
        </>
      )}
      <span className="quiet">
        {" · "}
        <Count value={card.wakes} /> {card.wakes === 1 ? "wake" : "wakes"}
      </span>
      {card.running > 0 && <span className="tone-info"> · {card.running} running</span>}
      {card.queued > 0 && <span className="tone-warn"> · {card.queued} queued</span>}
    </>
  );
}

const WHY: Record<string, string> = { budget: "its budget is spent", idle: "it has been idle for long" };

function Pause({ card }: { card: AgentCard }) {
  if (card.state !== "hibernating") return null;
  return (
    <p className="small tone-warn">
      Hibernates: {WHY[card.hibernates] ?? (card.hibernates || "it is paused")}
      {card.until && (
        <>
          , until <Time at={card.until} />
        </>
      )}
    </p>
  );
}
