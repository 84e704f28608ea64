import type { Execution } from "../../client";

export const STATUSES = ["planned", "running", "waiting", "completed", "failed", "cancelled"];
/** More at once would be slow to read, and nobody looks for anything by scrolling that far. */
export const MOST = 500;
export const PAGE = 50;

/** What it is, in a few words: its blueprint, or the agent that it wakes. */
export function whatOf(execution: Execution): string {
  return execution.blueprint || execution.agent || "execution";
}

export function causeOf({ cause }: Execution): string {
  if (!cause) return "";
  const signals = cause.signal_ids.length;
  const told = signals > 1 ? `${signals} signals` : signals === 1 ? "a signal" : cause.kind;
  return cause.rule ? `${told} by ${cause.rule}` : told;
}

export interface Progress {
  done: number;
  all: number;
}

/** Of the steps that count: those that are required, where it says which, and that stand in the plan. */
export function progressOf({ steps, required }: Execution): Progress {
  const stand = steps.filter(({ status }) => status !== "removed" && status !== "skipped");
  const counted = required.length > 0 ? stand.filter(({ name }) => required.includes(name)) : stand;
  return { done: counted.filter(({ status }) => status === "done").length, all: required.length || counted.length };
}

export function durationMs({ started_at, ended_at }: Execution, now: number): number | null {
  if (!started_at) return null;
  return (ended_at ? Date.parse(ended_at) : now) - Date.parse(started_at);
}

export function matches(execution: Execution, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const { id, conversation_id, blueprint, agent, cause } = execution;
  const all = [id, conversation_id, blueprint, agent, cause?.rule ?? "", ...(cause?.signal_ids ?? [])].join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}

/** Whether it could be an id that is typed whole: then it is worth asking for. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$/.test(text);
}
