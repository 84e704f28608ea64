// What a step is now: as the platform tells it, and as the live events have it, which may be ahead of each other.

import type { FoldedStep, RunState } from "./state";
import type { StepDocument } from "./documents";

export interface ShownStep {
  name: string;
  agent: string;
  status: string;
  attempt: number;
  result: unknown;
  error: string;
  tokens: number;
  startedAt: number | null;
  endedAt: number | null;
  score: number | null;
  passed: boolean | null;
  reasons: readonly string[];
  review: string | null;
  notes: string;
  thought: string;
  tools: number;
  document: StepDocument | null;
  folded: FoldedStep | null;
}

// What an attempt comes to its end with: nothing of the same attempt follows.
const ENDED = new Set(["done", "failed", "cancelled", "removed", "skipped"]);

/**
 * At a moment that is past only the live events say anything, but of a step that has none: what a fork has from its
 * execution was there from the beginning.
 */
export function shownStep(
  name: string,
  document: StepDocument | null,
  folded: FoldedStep | null,
  past: boolean,
): ShownStep {
  const ahead = folded !== null && (past || document === null || isAhead(document, folded));
  const status = ahead ? folded.status : past ? "planned" : (document?.status ?? "planned");
  return {
    name,
    agent: document?.agent || folded?.agent || "",
    status,
    attempt: ahead ? folded.attempt : past ? 0 : (document?.attempt ?? 0),
    result: ahead ? folded.output : past ? null : (document?.result ?? folded?.output ?? null),
    error: ahead ? folded.error : past ? "" : (document?.error ?? ""),
    tokens: ahead ? folded.tokens : past ? 0 : (document?.tokens?.used ?? 0),
    startedAt: ahead ? folded.startedAt : past ? null : timeOf(document?.started_at),
    endedAt: ahead ? folded.endedAt : past ? null : timeOf(document?.ended_at),
    score: folded ? folded.score : past ? null : (document?.review?.score ?? null),
    passed: folded?.passed ?? null,
    reasons: folded ? folded.reasons : past ? [] : (document?.review?.reasons ?? []),
    review: folded ? folded.review : past ? null : (document?.review?.status ?? null),
    notes: folded ? folded.notes : past ? "" : (document?.review?.notes ?? ""),
    thought: folded?.status === "running" ? folded.thought : "",
    tools: folded?.tools ?? 0,
    document,
    folded,
  };
}

export function shownSteps(
  documents: readonly StepDocument[],
  state: RunState,
  past: boolean,
  /** At the last event of all. */
  last: RunState = state,
): Map<string, ShownStep> {
  const shown = new Map<string, ShownStep>();
  for (const document of documents) {
    shown.set(
      document.name,
      shownStep(document.name, document, state.steps.get(document.name) ?? null, past && last.steps.has(document.name)),
    );
  }
  for (const [name, folded] of state.steps) {
    if (!shown.has(name)) shown.set(name, shownStep(name, null, folded, past));
  }
  return shown;
}

function isAhead(document: StepDocument, folded: FoldedStep): boolean {
  if (folded.runId === document.run_id) return !ENDED.has(document.status) && folded.status !== "cancelled";
  // Another attempt: the later one counts. A document without a start is of one that has not begun.
  const started = timeOf(document.started_at);
  return started === null ? false : folded.startedAt > started && !ENDED.has(document.status);
}

export function timeOf(text: string | null | undefined): number | null {
  if (!text) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
