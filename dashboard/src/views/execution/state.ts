// What is known of an execution at one moment of it.

export type StepStatus = "running" | "done" | "failed" | "cancelled";
export type ReviewWord = "approved" | "revise" | "rejected";

export interface FoldedStep {
  name: string;
  agent: string;
  department: string;
  role: string;
  round: number;
  status: StepStatus;
  attempt: number;
  runs: number;
  runId: string;
  startedAt: number;
  endedAt: number | null;
  tokens: number;
  tools: number;
  thought: string;
  output: unknown;
  error: string;
  score: number | null;
  passed: boolean | null;
  reasons: readonly string[];
  review: ReviewWord | null;
  notes: string;
  reviewer: string;
}

export interface FoldedDepartment {
  name: string;
  relevance: number;
  head: string;
  /** working, or as department-complete says it. */
  status: string;
  startedAt: number;
  endedAt: number | null;
  executionTime: number | null;
  score: number | null;
  round: number;
  checks: number;
  outputs: unknown;
}

export interface Metrics {
  executionTime: number;
  tokensUsed: number;
  agents: number;
  runs: number;
  departments: number;
  revisions: number;
  qualityScore?: number;
}

export interface RunState {
  /** How many events are folded, and the last one's own number and time. */
  count: number;
  sequence: number;
  at: number;
  status: string;
  startedAt: number | null;
  endedAt: number | null;
  prompt: string;
  complexity: string;
  tokens: number;
  runs: number;
  running: number;
  revisions: number;
  tools: number;
  thoughts: number;
  dropped: number;
  agents: Set<string>;
  steps: Map<string, FoldedStep>;
  departments: Map<string, FoldedDepartment>;
  runsOf: Map<string, string>;
  result: unknown;
  error: string;
  metrics: Metrics | null;
}

export function emptyState(): RunState {
  return {
    count: 0,
    sequence: 0,
    at: 0,
    status: "planned",
    startedAt: null,
    endedAt: null,
    prompt: "",
    complexity: "",
    tokens: 0,
    runs: 0,
    running: 0,
    revisions: 0,
    tools: 0,
    thoughts: 0,
    dropped: 0,
    agents: new Set(),
    steps: new Map(),
    departments: new Map(),
    runsOf: new Map(),
    result: null,
    error: "",
    metrics: null,
  };
}

/** A copy that folding on does not change: what stands in its maps is replaced and never altered. */
export function copyState(state: RunState): RunState {
  return {
    ...state,
    agents: new Set(state.agents),
    steps: new Map(state.steps),
    departments: new Map(state.departments),
    runsOf: new Map(state.runsOf),
  };
}
