// Departments as people see them: whom each has, how far they are, and how good it is.

import type { DepartmentDocument } from "./documents";
import type { FoldedDepartment, RunState } from "./state";
import { type PlanStep, placeOf } from "./graph";
import type { ShownStep } from "./merge";

export interface SpecialistCard {
  agent: string;
  /** Of the newest round that has begun; null: not briefed, or not yet. */
  step: ShownStep | null;
  round: number;
}

export interface DepartmentCard {
  name: string;
  title: string;
  head: string;
  /** From 0 to 1; null: nobody has said yet. */
  relevance: number | null;
  reason: string;
  /** not woken, waiting, working, or as it ended: approved, partial, rejected, failed. */
  status: string;
  round: number;
  score: number | null;
  /** Specialists whose work needs nothing more, of those that have begun or will. */
  settled: number;
  specialists: readonly SpecialistCard[];
  startedAt: number | null;
  endedAt: number | null;
  executionTime: number | null;
}

/** In the order of the plan, then those that only the orchestrator has named. */
export function departmentsOf(
  steps: readonly PlanStep[],
  shown: ReadonlyMap<string, ShownStep>,
  state: RunState,
  known: readonly DepartmentDocument[] = [],
): DepartmentCard[] {
  const told = relevanceOf(shown);
  const places = new Map(steps.map((step) => [step.name, placeOf(step)]));
  for (const step of shown.values()) {
    if (!places.has(step.name) && step.folded) places.set(step.name, placeOf({ ...step.folded, after: [], needs: [] }));
  }
  const names = new Set(known.map((one) => one.name));
  for (const { department } of places.values()) if (department) names.add(department);
  for (const name of state.departments.keys()) names.add(name);
  for (const name of told.keys()) names.add(name);
  const documents = new Map(known.map((one) => [one.name, one]));
  return [...names].map((name) => {
    const card = cardOf(name, places, shown, state.departments.get(name), told.get(name));
    const document = documents.get(name);
    return document ? { ...card, title: document.title || name, head: card.head || document.head } : card;
  });
}

function cardOf(
  name: string,
  places: ReadonlyMap<string, { department: string; role: string; round: number }>,
  shown: ReadonlyMap<string, ShownStep>,
  folded: FoldedDepartment | undefined,
  told: { relevance: number; reason: string } | undefined,
): DepartmentCard {
  const specialists = new Map<string, SpecialistCard>();
  for (const [step, place] of places) {
    if (place.department !== name || place.role !== "draft") continue;
    const one = shown.get(step);
    const agent = one?.agent || step.split("/")[1] || step;
    const begun = one !== undefined && one.status !== "planned" && one.status !== "removed" && one.status !== "skipped";
    const held = specialists.get(agent);
    if (!held) specialists.set(agent, { agent, step: begun ? one : null, round: begun ? place.round : 0 });
    else if (begun && place.round >= held.round) specialists.set(agent, { agent, step: one, round: place.round });
  }
  const all = [...specialists.values()];
  const head = shown.get(name);
  const begun =
    folded !== undefined || (head !== undefined && !["planned", "removed", "skipped"].includes(head.status));
  return {
    name,
    title: name,
    head: folded?.head || head?.agent || "",
    relevance: folded?.relevance ?? told?.relevance ?? null,
    reason: told?.reason ?? "",
    status: folded?.status ?? (begun ? "working" : told ? "not woken" : "waiting"),
    round: Math.max(folded?.round ?? 0, ...all.map((one) => one.round)),
    score: folded?.score ?? null,
    settled: all.filter((one) => one.step?.review === "approved" || one.step?.review === "rejected").length,
    specialists: all,
    startedAt: folded?.startedAt ?? null,
    endedAt: folded?.endedAt ?? null,
    executionTime: folded?.executionTime ?? null,
  };
}

/** By the orchestrator's answer: also those that it has not woken. */
function relevanceOf(shown: ReadonlyMap<string, ShownStep>): Map<string, { relevance: number; reason: string }> {
  const found = new Map<string, { relevance: number; reason: string }>();
  const result = shown.get("orchestrate")?.result as { relevance?: unknown; reasons?: unknown } | null | undefined;
  const reasons = (typeof result?.reasons === "object" && result.reasons !== null ? result.reasons : {}) as Record<
    string,
    unknown
  >;
  if (typeof result?.relevance !== "object" || result.relevance === null) return found;
  for (const [name, relevance] of Object.entries(result.relevance)) {
    const reason = reasons[name];
    if (typeof relevance === "number") found.set(name, { relevance, reason: typeof reason === "string" ? reason : "" });
  }
  return found;
}
