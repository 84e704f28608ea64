import { type Account, type Agent, type Figures as Metrics, type Fleet as FleetFile, type List } from "../../client";
import { useRead } from "../../client/react";
import { useQuery } from "../../shell/router";
import {
  choicesOf,
  Count,
  EmptyState,
  ErrorBox,
  Figure,
  Figures,
  Money,
  Page,
  SearchField,
  SelectField,
  Skeleton,
  Toolbar,
} from "../../ui";
import { AgentTile } from "./AgentTile";
import { type AgentCard, cardsOf, matches, SORTS, type Sort, tenantLimit, usedToday } from "./figures";
import "./fleet.css";

const STATES = ["processing", "active", "hibernating", "dormant"];
const ORDERS = [
  { value: "", text: "activity" },
  { value: "name", text: "name" },
  { value: "used", text: "budget used" },
  { value: "wakes", text: "wakes" },
];

export interface States {
  states: { id: string; tokensLeft: number | null }[];
}

export function Fleet() {
  const agents = useRead<List<Agent>>("/api/v1/agents", { areas: ["agents", "fleet"] });
  const metrics = useRead<Metrics & { agents: States }>("/metrics", { areas: ["agents", "budgets", "fleet"] });
  const budgets = useRead<List<Account>>("/api/v1/budgets", { areas: ["budgets"] });
  const fleet = useRead<FleetFile>("/api/v1/fleet", { areas: ["fleet"] });
  const [text, setText] = useQuery("q");
  const [state, setState] = useQuery("state");
  const [order, setOrder] = useQuery("sort");

  const cards = agents.value ? cardsOf(agents.value.items, fleet.value, metrics.value?.agents.states ?? []) : null;
  const shown = cards
    ?.filter((card) => (!state || card.state === state) && matches(card, text))
    .sort(SORTS[order as Sort] ?? SORTS.activity);
  return (
    <Page title="Fleet" about={cards && `${cards.length} agents`}>
      {cards && <Totals cards={cards} metrics={metrics.value} limit={tenantLimit(budgets.value?.items ?? [])} />}
      {agents.error !== null && (
        <ErrorBox error={agents.error} what="The agents could not be read" onRetry={agents.again} />
      )}
      {!cards && agents.error === null && <Skeleton lines={8} label="loading the agents" />}
      {cards && cards.length > 0 && (
        <Toolbar label="agents">
          <SearchField label="Search agents" placeholder="Name, title or capability  ( / )" value={text} onChange={setText} />
          <SelectField label="State" value={state} onChange={setState} choices={choicesOf("all", STATES)} />
          <SelectField label="Sort by" value={order} onChange={setOrder} choices={ORDERS} />
        </Toolbar>
      )}
      {cards?.length === 0 && (
        <EmptyState title="The fleet has no agents" command="reveille fleet apply fleet.yaml">
          Agents, and the rules that wake them, stand in a fleet file.
        </EmptyState>
      )}
      {cards && cards.length > 0 && shown?.length === 0 && (
        <EmptyState title="No agent is like that">Take a filter away to see all {cards.length}.</EmptyState>
      )}
      <ul className="agents" aria-label="agents">
        {shown?.map((card) => (
          <AgentTile key={card.id} card={card} />
        ))}
      </ul>
    </Page>
  );
}

interface TotalsProps {
  cards: AgentCard[];
  metrics: Metrics | undefined;
  limit: number | null;
}

function Totals({ cards, metrics, limit }: TotalsProps) {
  const awake = cards.filter(({ state }) => state === "processing" || state === "active").length;
  const saved = metrics?.efficiency.tokensSavedPercentage;
  return (
    <Figures label="totals">
      <Figure label="Awake" note={`of ${cards.length}`}>
        {awake}
      </Figure>
      <Figure label="Tokens saved" note="last day, against polling">
        {saved === null || saved === undefined ? <span className="quiet">n/a</span> : `${saved.toFixed(1)} %`}
      </Figure>
      <Figure label="Used today" note={limit === null ? "tokens" : <>of <Count value={limit} /> tokens</>}>
        <Count value={usedToday(cards)} />
      </Figure>
      <Figure label="Pending" note="runs and reservations">
        <Count value={metrics?.system.pendingTriggers} />
      </Figure>
      <Figure label="Cost" note="last day">
        <Money value={metrics?.efficiency.estimatedDailyCost} currency={metrics?.efficiency.currency ?? null} />
      </Figure>
    </Figures>
  );
}
