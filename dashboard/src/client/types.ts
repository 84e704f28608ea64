/** What the REST API answers. Times are RFC 3339; a count of tokens is a whole number. */
import type { Json } from "./events.ts";

export interface List<T> {
  items: T[];
  next: string | null;
}

/** Who asks. key_id: "" where it was no API key. */
/** What the platform lets somebody do. */
export type Permission = "read" | "signal" | "plan" | "operate" | "approve" | "connect" | "administer";

export interface Me {
  name: string;
  tenant: string;
  roles: string[];
  permissions: Permission[];
  key_id: string;
  /** null: until it is revoked. */
  expires_at: string | null;
}

export interface Agent {
  id: string;
  title: string;
  state: "dormant" | "active" | "processing" | "hibernating";
  running: number;
  queued: number;
  wakes: number;
  last_wake: string | null;
  /** The execution that it woke for last. */
  why: string;
  tokens_used: number;
  capabilities: string[];
  remote: boolean;
  connections: number;
  /** Why it hibernates: budget or idle; "" where it does not. */
  hibernates: string;
  until: string | null;
}

export interface Account {
  scope: string;
  period: string;
  limit: number;
  reserved: number;
  used: number;
  left: number;
}

export type ExecutionStatus = "planned" | "running" | "waiting" | "completed" | "failed" | "cancelled";

export interface Step {
  name: string;
  agent: string;
  status: string;
  attempt: number;
  run_id: string;
  after: string[];
  needs: string[];
  reads: string[];
  digest: string;
  reason: string;
  changed: string[];
  of: string;
  result: Json;
  error: Json;
  tokens: { reserved: number; used: number };
  money: { min: number; max: number } | null;
  started_at: string | null;
  ended_at: string | null;
}

export interface Approval {
  id: string;
  execution_id: string;
  step: string;
  agent: string;
  question: string;
  risk: string;
  /** Tokens. */
  cost: number;
  deadline: string | null;
  otherwise: string;
  status: "open" | "approved" | "rejected" | "expired" | "moot";
  by: string;
  requested_at: string | null;
  resolved_at: string | null;
  comment?: string;
}

export interface Execution {
  id: string;
  tenant: string;
  /** "" where one agent is woken. */
  blueprint: string;
  agent: string;
  status: ExecutionStatus;
  version: number;
  position: number;
  conversation_id: string;
  started_at: string | null;
  ended_at: string | null;
  cause: { kind: string; signal_ids: string[]; rule: string } | null;
  tokens_used: number;
  steps: Step[];
  inputs: { input_id: string; content?: string; categories: string[] | null; confidence: number }[];
  facts: Json;
  plan: Json;
  result: Json;
  approvals: Approval[];
  required: string[];
  settled: boolean;
}

/** As a list tells it with `summary`: without what is most of it, but with what it is about. */
export type ExecutionSummary = Omit<
  Execution,
  "steps" | "inputs" | "facts" | "plan" | "result" | "approvals" | "required"
> & { about: string; completion_percent: number };

export interface Signal {
  id: string;
  tenant: string;
  source: string;
  kind: string;
  means: string;
  actor: string;
  repository: string;
  ref: string;
  number: number;
  title: string;
  paths: string[] | null;
  labels: Record<string, string>;
  severity: string;
  summary: string;
  url: string;
  verified: boolean;
  hop: number;
  correlation_id: string;
  received_at: string;
  position: number;
}

export interface Explanation {
  signal_id: string;
  agent: string;
  woke: boolean;
  reason: string;
  detail: string;
  rule: string;
  fleet_revision: number;
  execution_id: string;
  until: string | null;
}

export interface DeadLetter {
  id: string;
  service: string;
  partition: number;
  type: string;
  event_id: string;
  status: "parked" | "retried" | "dropped";
  error: string;
  attempts: number;
  parked_at: string;
  closed_at: string | null;
  reason: string | null;
  correlation_id: string;
  position: number;
}

export interface WholeDeadLetter extends DeadLetter {
  headers: Json;
  event: {
    stream: string;
    revision: number;
    position: number;
    in_log: boolean;
    at: string | null;
    summary: string | null;
    data: Json;
    base64: string | null;
  };
}

export interface BlueprintSummary {
  name: string;
  title: string;
  steps: string[];
  required: string[];
  categories: string[];
  facts: string[];
}

export interface Status {
  status: "ok" | "degraded";
  version: string;
  mode: "embedded" | "cluster";
  services: Record<string, string>;
  uptime: number;
}

/** What the owner of a figure cannot say now is null. */
export interface Figures {
  agents: { total: number; active: number; dormant: number; processing: number; hibernating: number };
  system: {
    totalTokenUsage: number | null;
    pendingTriggers: number | null;
    uptime: number;
    memory: { rssMb: number | null };
  };
  efficiency: { tokensSavedPercentage: number | null; estimatedDailyCost: number | null; currency: string | null };
}

export interface Fleet {
  tenant: string;
  revision: number;
  agents: { name: string; title: string; model: string; budget: { tokens: number; when_spent: string } }[];
  /** wake: an agent, or "" where it starts a blueprint. */
  rules: { name: string; wake: string; sources: string[]; kinds: string[] }[];
}

export interface Topic {
  service: string;
  topic: string;
  published: number;
  delivered: number;
  failed: number;
  parked: number;
  since: string;
}

export interface Totals {
  bus: {
    total_published: number;
    total_delivered: number;
    failed_deliveries: number;
    parked: number;
    active_topics: number;
    total_subscribers: number;
    topics: Topic[];
    unreachable: string[];
  };
  store: {
    total_parties: number;
    total_plans: number;
    total_inputs: number;
    total_agent_results: number;
    total_events: number;
    status_counts: Record<string, number>;
    by_type: Record<string, number>;
  };
}
