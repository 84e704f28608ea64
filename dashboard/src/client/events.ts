/** The live events of an execution (reveille/ingress/v1/live.proto), as they come over the wire. */

/** Stands for a payload above 8 KiB; `$ref` is where the API has the event whole. */
export interface Reference {
  $ref: string;
  bytes: number;
  preview: string;
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** A payload, or the reference to one. */
export type Payload = Json | Reference;

export function isReference(payload: unknown): payload is Reference {
  return typeof payload === "object" && payload !== null && typeof (payload as Reference).$ref === "string";
}

interface Told {
  executionId: string;
  conversationId: string;
  /** "" where it is no agent that did it. */
  agentId: string;
  /** "" where the execution is no hierarchy. */
  department: string;
  /** From 1, without a hole, in the order of the log; the same on every replica and after every restart. */
  sequence: number;
  /** RFC 3339 */
  timestamp: string;
  traceId: string;
}

export interface OrchestrationStart extends Told {
  type: "orchestration-start";
  projectId: string;
  userPrompt: string;
  complexity: string;
  blueprint: string;
}

export interface Metrics {
  /** Milliseconds, as all of that name. */
  executionTime: number;
  tokensUsed: number;
  agents: number;
  runs: number;
  departments: number;
  revisions: number;
  qualityScore?: number;
}

export interface OrchestrationComplete extends Told {
  type: "orchestration-complete";
  status: "completed" | "failed" | "cancelled";
  result: Payload;
  metrics: Metrics;
  error: string;
}

export interface DepartmentStart extends Told {
  type: "department-start";
  departmentName: string;
  /** 0 to 1 */
  relevance: number;
}

export interface DepartmentComplete extends Told {
  type: "department-complete";
  /** By specialist: {status, score, round, output}. */
  outputs: Payload;
  qualityScore: number;
  executionTime: number;
  status: "approved" | "partial" | "rejected" | "failed";
}

export interface AgentStart extends Told {
  type: "agent-start";
  step: string;
  runId: string;
  attempt: number;
  role: "" | "orchestrate" | "brief" | "draft" | "review" | "compose";
  round: number;
}

export interface AgentThinking extends Told {
  type: "agent-thinking";
  step: string;
  text: string;
  runId: string;
  /** What was said before this and is not kept. */
  dropped: number;
}

export interface AgentComplete extends Told {
  type: "agent-complete";
  status: "completed" | "failed" | "cancelled";
  output: Payload;
  tokensUsed: number;
  executionTime: number;
  step: string;
  runId: string;
  attempt: number;
  error: string;
  dropped: number;
}

export interface ToolCall extends Told {
  type: "tool-call";
  toolName: string;
  arguments: Payload;
  runId: string;
  call: number;
}

export interface ToolResult extends Told {
  type: "tool-result";
  toolName: string;
  result: Payload;
  error: string;
  executionTime: number;
  runId: string;
  call: number;
}

export interface QualityCheck extends Told {
  type: "quality-check";
  /** 0 to 100 */
  score: number;
  reasons: string[];
  passed: boolean;
  step: string;
  round: number;
}

export interface ReviewStatus extends Told {
  type: "review-status";
  status: "approved" | "revise" | "rejected";
  round: number;
  notes: string;
  reviewerId: string;
  step: string;
}

export type LiveEvent =
  | OrchestrationStart
  | OrchestrationComplete
  | DepartmentStart
  | DepartmentComplete
  | AgentStart
  | AgentThinking
  | AgentComplete
  | ToolCall
  | ToolResult
  | QualityCheck
  | ReviewStatus;

export type EventType = LiveEvent["type"];

export const EVENT_TYPES: readonly EventType[] = [
  "orchestration-start",
  "orchestration-complete",
  "department-start",
  "department-complete",
  "agent-start",
  "agent-thinking",
  "agent-complete",
  "tool-call",
  "tool-result",
  "quality-check",
  "review-status",
];

/** What the topic `overview` names as changed. */
export type Area =
  | "agents"
  | "executions"
  | "approvals"
  | "deadletters"
  | "signals"
  | "budgets"
  | "fleet"
  | "health"
  | "analytics";
