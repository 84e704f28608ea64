import type { Account, Agent, Fleet } from "../../client";

/** What the agent may use today, and what it has used or reserved of it. */
export interface Budget {
  limit: number;
  used: number;
}

export interface AgentCard extends Agent {
  /** null: nobody can say now. */
  budget: Budget | null;
  model: string;
}

/** Of /metrics: what is left of the tenant's own day, whose end the page does not know. */
interface Left {
  id: string;
  tokensLeft: number | null;
}

export function cardsOf(agents: readonly Agent[], fleet: Fleet | undefined, left: readonly Left[]): AgentCard[] {
  const terms = new Map(fleet?.agents.map((agent) => [agent.name, agent]));
  const rest = new Map(left.map(({ id, tokensLeft }) => [id, tokensLeft]));
  return agents.map((agent) => {
    const term = terms.get(agent.id);
    const limit = term?.budget.tokens;
    const remains = rest.get(agent.id);
    const known = limit !== undefined && remains !== undefined && remains !== null;
    return { ...agent, model: term?.model ?? "", budget: known ? { limit, used: Math.max(0, limit - remains) } : null };
  });
}

/** What all agents have used or reserved today; null where one of them is not known. */
export function usedToday(cards: readonly AgentCard[]): number | null {
  let used = 0;
  for (const { budget } of cards) {
    if (!budget) return null;
    used += budget.used;
  }
  return used;
}

/** The tenant's limit a day; null where it has none or has used nothing yet. */
export function tenantLimit(accounts: readonly Account[]): number | null {
  const own = accounts.filter(({ scope }) => scope === "tenant").sort((a, b) => b.period.localeCompare(a.period));
  return own[0]?.limit ?? null;
}

const AWAKE: Record<Agent["state"], number> = { processing: 0, active: 1, hibernating: 2, dormant: 3 };

export const SORTS = {
  activity: (a: AgentCard, b: AgentCard) =>
    AWAKE[a.state] - AWAKE[b.state] || (b.last_wake ?? "").localeCompare(a.last_wake ?? "") || byName(a, b),
  name: byName,
  used: (a: AgentCard, b: AgentCard) => partOf(b) - partOf(a) || byName(a, b),
  wakes: (a: AgentCard, b: AgentCard) => b.wakes - a.wakes || byName(a, b),
} as const;

export type Sort = keyof typeof SORTS;

export function matches(card: AgentCard, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [card.id, card.title, card.model, ...card.capabilities].join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}

function byName(a: AgentCard, b: AgentCard): number {
  return a.id.localeCompare(b.id);
}

function partOf({ budget }: AgentCard): number {
  return budget && budget.limit > 0 ? budget.used / budget.limit : 0;
}
