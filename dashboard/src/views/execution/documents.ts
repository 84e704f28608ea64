// What GET /api/v1/executions/{id} and its causes answer, as far as these views read it.

export interface Range {
  min: number;
  max: number;
}

export interface StepDocument {
  name: string;
  agent: string;
  status: string;
  attempt: number;
  run_id: string;
  result: unknown;
  error: string | null;
  /** null: the ledger cannot say now. */
  tokens: { reserved: number; used: number } | null;
  started_at: string | null;
  ended_at: string | null;
  after: readonly string[];
  needs: readonly string[];
  reads: readonly string[];
  digest: string;
  money: Range | null;
  reason: string;
  changed: readonly string[];
  of: string;
  department?: string;
  role?: string;
  round?: number;
  /** Of a draft that was reviewed. */
  review?: { status: string; score: number; reasons: readonly string[] | null; notes: string; reviewer: string } | null;
}

export interface DepartmentDocument {
  name: string;
  title: string;
  head: string;
  specialists: readonly string[];
  relevance: number;
  /** asleep, running, approved, partial, rejected or failed. */
  status: string;
}

export interface InputDocument {
  input_id: string;
  content: string;
  source_type: string;
  tags: readonly string[];
  added_by: string;
  added_at: string;
  categories: readonly string[] | null;
  confidence: number | null;
}

export interface ApprovalDocument {
  id: string;
  execution_id: string;
  step: string;
  question: string;
  risk: string;
  cost: number;
  deadline: string | null;
  otherwise: string;
  status: string;
  agent: string;
  by: string;
  requested_at: string | null;
  resolved_at: string | null;
}

export interface BudgetSummary {
  total_budget: Range;
  by_step: Readonly<Record<string, Range>>;
  limit: number | null;
  over_by: number;
  over_at_least: number;
  driver: string | null;
}

export interface PlanSummary {
  completion_percent: number;
  recommendations: readonly { category: string; priority: string; description: string }[];
  next_steps: readonly string[];
  active_agents: readonly string[];
  missing_agents: readonly string[];
  checklist_summary: { total_tasks: number; completed_tasks: number; pending_tasks: number };
  budget_summary: BudgetSummary;
  failures: readonly { step: string; agent: string; reason: string; blocks?: readonly string[] }[];
}

export interface ExecutionDocument {
  id: string;
  blueprint: string;
  status: string;
  version: number;
  position: number;
  conversation_id: string;
  started_at: string | null;
  ended_at: string | null;
  cause: { kind: string; signal_ids: readonly string[]; rule: string };
  steps: readonly StepDocument[];
  agent: string;
  tokens_used: number;
  result: unknown;
  approvals: readonly ApprovalDocument[];
  inputs: readonly InputDocument[];
  facts: Readonly<Record<string, unknown>> | null;
  plan: PlanSummary | null;
  plan_version: number;
  from_execution: string;
  required: readonly string[];
  settled: boolean;
  budget: BudgetSummary | null;
  detail?: string | null;
  departments?: readonly DepartmentDocument[];
  autopilot?: string;
}

export interface CauseDocument {
  id: string;
  causation_id: string;
  type: string;
  service: string;
  stream: string;
  revision: number;
  position: number;
  at: string;
  trace_id: string;
  summary: string;
}
