// What an execution is at one of its live events: a fold, so that any moment of it can be shown again.

import type { LiveEvent } from "../../client/events";
import type { FoldedDepartment, FoldedStep, Metrics, ReviewWord, RunState, StepStatus } from "./state";

/** Alters state. An event of a type that this page does not know is counted and changes nothing else. */
export function fold(state: RunState, event: LiveEvent): void {
  const at = Date.parse(event.timestamp);
  state.count += 1;
  state.sequence = event.sequence;
  state.at = Number.isNaN(at) ? state.at : at;
  switch (event.type) {
    case "orchestration-start":
      state.status = "running";
      state.startedAt ??= state.at;
      state.endedAt = null;
      state.prompt = event.userPrompt ?? "";
      state.complexity = event.complexity ?? "";
      return;
    case "orchestration-complete":
      state.status = event.status || "completed";
      state.endedAt = state.at;
      state.result = event.result ?? null;
      state.error = event.error ?? "";
      state.metrics = metricsOf(event.metrics);
      return;
    case "agent-start":
      started(state, event);
      return;
    case "agent-thinking":
      state.thoughts += 1;
      state.dropped += event.dropped ?? 0;
      alter(state, keyOf(state, event), { thought: event.text });
      return;
    case "agent-complete":
      completed(state, event);
      return;
    case "tool-call": {
      state.tools += 1;
      const key = keyOf(state, event);
      alter(state, key, { tools: (state.steps.get(key)?.tools ?? 0) + 1 });
      return;
    }
    case "tool-result":
      return;
    case "department-start":
      state.departments.set(event.departmentName, {
        name: event.departmentName,
        relevance: event.relevance ?? 0,
        head: event.agentId ?? "",
        status: "working",
        startedAt: state.at,
        endedAt: null,
        executionTime: null,
        score: null,
        round: 0,
        checks: 0,
        outputs: null,
      });
      return;
    case "department-complete":
      alterDepartment(state, event.department ?? "", {
        status: event.status || "completed",
        endedAt: state.at,
        executionTime: event.executionTime ?? null,
        score: event.qualityScore ?? null,
        outputs: event.outputs ?? null,
      });
      return;
    case "quality-check":
      checked(state, event);
      return;
    case "review-status":
      reviewed(state, event);
  }
}

type Of<T extends LiveEvent["type"]> = Extract<LiveEvent, { type: T }>;

function started(state: RunState, event: Of<"agent-start">): void {
  const name = event.step || event.runId || event.agentId || "";
  const before = state.steps.get(name);
  // Of a plan that lives: it has been completed and goes on.
  if (state.status !== "running") state.status = "running";
  state.endedAt = null;
  state.runs += 1;
  if (before?.status !== "running") state.running += 1;
  if (event.agentId) state.agents.add(event.agentId);
  if (event.runId) state.runsOf.set(event.runId, name);
  const round = event.round ?? 0;
  state.steps.set(name, {
    name,
    agent: event.agentId ?? "",
    department: event.department ?? "",
    role: event.role ?? "",
    round,
    status: "running",
    attempt: event.attempt ?? 1,
    runs: (before?.runs ?? 0) + 1,
    runId: event.runId ?? "",
    startedAt: state.at,
    endedAt: null,
    tokens: before?.tokens ?? 0,
    tools: 0,
    thought: "",
    output: before?.output ?? null,
    error: "",
    score: null,
    passed: null,
    reasons: [],
    review: null,
    notes: "",
    reviewer: "",
  });
  const department = event.department ? state.departments.get(event.department) : undefined;
  if (department && round > department.round) alterDepartment(state, department.name, { round });
}

function completed(state: RunState, event: Of<"agent-complete">): void {
  const key = keyOf(state, event);
  const step = state.steps.get(key);
  state.tokens += event.tokensUsed ?? 0;
  state.dropped += event.dropped ?? 0;
  if (!step) return;
  // A late end of an attempt that another has followed changes nothing but what was used.
  const stale = event.runId !== undefined && event.runId !== "" && step.runId !== event.runId;
  if (stale) {
    alter(state, key, { tokens: step.tokens + (event.tokensUsed ?? 0) });
    return;
  }
  if (step.status === "running") state.running -= 1;
  alter(state, key, {
    status: statusOf(event.status),
    endedAt: state.at,
    tokens: step.tokens + (event.tokensUsed ?? 0),
    output: event.status === "completed" ? (event.output ?? null) : step.output,
    error: event.error ?? "",
  });
}

function checked(state: RunState, event: Of<"quality-check">): void {
  alter(state, keyOf(state, event), {
    score: event.score ?? 0,
    passed: event.passed ?? null,
    reasons: event.reasons ?? [],
  });
  const department = state.departments.get(event.department ?? "");
  if (!department) return;
  alterDepartment(state, department.name, {
    checks: department.checks + 1,
    score: meanScore(state, department.name),
    round: Math.max(department.round, event.round ?? 0),
  });
}

function reviewed(state: RunState, event: Of<"review-status">): void {
  if (event.status === "revise") state.revisions += 1;
  alter(state, keyOf(state, event), {
    review: event.status as ReviewWord,
    notes: event.notes ?? "",
    reviewer: event.reviewerId ?? "",
  });
}

/** Of the newest draft of each specialist. */
function meanScore(state: RunState, department: string): number | null {
  const newest = new Map<string, FoldedStep>();
  for (const step of state.steps.values()) {
    if (step.department !== department || step.score === null) continue;
    const other = newest.get(step.agent);
    if (!other || other.round <= step.round) newest.set(step.agent, step);
  }
  const scores = [...newest.values()].map((step) => step.score ?? 0);
  return scores.length ? scores.reduce((sum, score) => sum + score, 0) / scores.length : null;
}

function keyOf(state: RunState, event: { step?: string; runId?: string; agentId?: string }): string {
  return event.step || (event.runId && state.runsOf.get(event.runId)) || event.runId || event.agentId || "";
}

function alter(state: RunState, key: string, change: Partial<FoldedStep>): void {
  const step = state.steps.get(key);
  if (step) state.steps.set(key, { ...step, ...change });
}

function alterDepartment(state: RunState, name: string, change: Partial<FoldedDepartment>): void {
  const department = state.departments.get(name);
  if (department) state.departments.set(name, { ...department, ...change });
}

function statusOf(word: string): StepStatus {
  return word === "failed" || word === "cancelled" ? word : "done";
}

function metricsOf(told: Partial<Metrics> | undefined): Metrics | null {
  if (!told) return null;
  const { executionTime = 0, tokensUsed = 0, agents = 0, runs = 0, departments = 0, revisions = 0 } = told;
  const metrics: Metrics = { executionTime, tokensUsed, agents, runs, departments, revisions };
  return told.qualityScore === undefined ? metrics : { ...metrics, qualityScore: told.qualityScore };
}
