import type { Execution, ExecutionSummary } from "../../client";

export const STATUSES = ["planned", "running", "waiting", "completed", "failed", "cancelled"];
/** More at once would be slow to read, and nobody looks for anything by scrolling that far. */
export const MOST = 500;
export const PAGE = 50;

/** What it is, in a few words: its blueprint, or the agent that it wakes. */
export function whatOf(execution: ExecutionSummary): string {
  return execution.blueprint || execution.agent || "execution";
}

export function causeOf({ cause }: ExecutionSummary): string {
  if (!cause) return "";
  const signals = cause.signal_ids.length;
  const told = signals > 1 ? `${signals} signals` : signals === 1 ? "a signal" : cause.kind;
  return cause.rule ? `${told} by ${cause.rule}` : told;
}

/** In percent of what it takes; null where that says nothing: an agent is awake, or not. */
export function progressOf({ blueprint, completion_percent }: ExecutionSummary): number | null {
  return blueprint ? completion_percent : null;
}

export function durationMs({ started_at, ended_at }: ExecutionSummary, now: number): number | null {
  if (!started_at) return null;
  return (ended_at ? Date.parse(ended_at) : now) - Date.parse(started_at);
}

export function matches(execution: ExecutionSummary, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const { id, about, conversation_id, blueprint, agent, cause } = execution;
  const all = [id, about, conversation_id, blueprint, agent, cause?.rule ?? "", ...(cause?.signal_ids ?? [])].join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}

/** Whether it could be an id that is typed whole: then it is worth asking for. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$/.test(text);
}

/** A whole one, as it stands in a list. */
export function summaryOf(execution: Execution): ExecutionSummary {
  const percent = (execution.plan as { completion_percent?: number } | null)?.completion_percent ?? 0;
  return { ...execution, about: execution.inputs[0]?.content ?? "", completion_percent: percent };
}
