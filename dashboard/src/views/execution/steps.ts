import type { StepDocument } from "./documents";
import { type PlanStep, worthShowing } from "./graph";

interface Begun {
  name: string;
  agent: string;
  department: string;
  role: string;
  round: number;
}

/** What a fork has from its execution is done, and no event tells of a run of it. */
const BEGUN = new Set(["ready", "running", "done", "failed"]);

/** Those of the plan, and those that events name before the plan is read again. */
export function stepsOf(documents: readonly StepDocument[], folded: ReadonlyMap<string, Begun>): PlanStep[] {
  const known = new Set(documents.map((one) => one.name));
  const inPlan = documents.filter((one) => one.status !== "removed" || folded.has(one.name));
  const more = [...folded.values()]
    .filter((one) => !known.has(one.name))
    .map((one) => ({ ...one, after: [], needs: [] }));
  return [...worthShowing(inPlan, (one) => folded.has(one.name) || BEGUN.has(one.status)), ...more];
}
