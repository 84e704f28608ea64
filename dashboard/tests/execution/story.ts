// Live events for tests: what is said of them stands in, the rest is filled up.

import type { EventType, LiveEvent } from "../../src/client/events";

type Of<T extends EventType> = Extract<LiveEvent, { type: T }>;

const BEGAN = Date.parse("2027-03-01T10:00:00Z");

export class Story {
  readonly events: LiveEvent[] = [];
  private at = BEGAN;

  tell<T extends EventType>(type: T, fields: Partial<Of<T>> = {}, later = 1000): this {
    this.at += later;
    this.events.push({
      executionId: "scene-1",
      conversationId: "",
      agentId: "",
      department: "",
      sequence: this.events.length + 1,
      timestamp: new Date(this.at).toISOString(),
      traceId: "",
      ...DEFAULTS[type],
      ...fields,
      type,
    } as unknown as LiveEvent);
    return this;
  }
}

const DEFAULTS: { [T in EventType]: object } = {
  "orchestration-start": {
    projectId: "film-scene",
    userPrompt: "a lighthouse",
    complexity: "simple",
    blueprint: "film-scene",
  },
  "orchestration-complete": {
    status: "completed",
    result: { title: "The light" },
    error: "",
    metrics: { executionTime: 9000, tokensUsed: 12, agents: 3, runs: 4, departments: 1, revisions: 1 },
  },
  "department-start": { departmentName: "story", relevance: 0.8 },
  "department-complete": { outputs: {}, qualityScore: 82, executionTime: 6000, status: "approved" },
  "agent-start": { step: "", runId: "", attempt: 1, role: "", round: 0 },
  "agent-thinking": { step: "", runId: "", text: "thinks", dropped: 0 },
  "agent-complete": {
    status: "completed",
    output: null,
    tokensUsed: 0,
    executionTime: 10,
    step: "",
    runId: "",
    attempt: 1,
    error: "",
    dropped: 0,
  },
  "tool-call": { toolName: "measure_text", arguments: {}, runId: "", call: 1 },
  "tool-result": { toolName: "measure_text", result: {}, error: "", executionTime: 1, runId: "", call: 1 },
  "quality-check": { score: 50, reasons: [], passed: false, step: "", round: 1 },
  "review-status": { status: "revise", round: 1, notes: "", reviewerId: "story-head", step: "" },
};

/** A department whose one draft is revised once. */
export function scene(): LiveEvent[] {
  const department = "story";
  return new Story()
    .tell("orchestration-start")
    .tell("agent-start", { agentId: "scene-orchestrator", step: "orchestrate", runId: "r0", role: "orchestrate" })
    .tell("agent-complete", { agentId: "scene-orchestrator", step: "orchestrate", runId: "r0", tokensUsed: 3 })
    .tell("department-start", { agentId: "story-head", department })
    .tell("agent-start", {
      agentId: "plot-writer",
      department,
      step: "story/plot-writer",
      runId: "r1",
      role: "draft",
      round: 1,
    })
    .tell("agent-thinking", {
      agentId: "plot-writer",
      department,
      step: "story/plot-writer",
      runId: "r1",
      text: "finds the turn",
    })
    .tell("tool-call", { agentId: "plot-writer", department, runId: "r1" })
    .tell("tool-result", { agentId: "plot-writer", department, runId: "r1" })
    .tell("agent-complete", {
      agentId: "plot-writer",
      department,
      step: "story/plot-writer",
      runId: "r1",
      tokensUsed: 4,
      output: { text: "short" },
    })
    .tell("quality-check", {
      agentId: "plot-writer",
      department,
      step: "story/plot-writer",
      score: 55,
      reasons: ["too short"],
    })
    .tell("review-status", { agentId: "plot-writer", department, step: "story/plot-writer", notes: "add a turn" })
    .tell("agent-start", {
      agentId: "plot-writer",
      department,
      step: "story/plot-writer/2",
      runId: "r2",
      role: "draft",
      round: 2,
    })
    .tell("agent-complete", {
      agentId: "plot-writer",
      department,
      step: "story/plot-writer/2",
      runId: "r2",
      tokensUsed: 5,
      output: { text: "longer" },
    })
    .tell("quality-check", {
      agentId: "plot-writer",
      department,
      step: "story/plot-writer/2",
      score: 82,
      passed: true,
      round: 2,
    })
    .tell("review-status", {
      agentId: "plot-writer",
      department,
      step: "story/plot-writer/2",
      status: "approved",
      round: 2,
    })
    .tell("department-complete", { agentId: "story-head", department })
    .tell("orchestration-complete").events;
}

/** So many events of one execution whose agents take turns. */
export function long(count: number): LiveEvent[] {
  const story = new Story().tell("orchestration-start");
  for (let index = 1; index < count; index += 1) {
    const turn = Math.floor(index / 10) % 30;
    const about = { agentId: `agent-${turn}`, step: `step-${turn}`, runId: `run-${Math.floor(index / 10)}` };
    if (index % 10 === 0) story.tell("agent-start", about, 20);
    else if (index % 10 === 9) story.tell("agent-complete", { ...about, tokensUsed: 7 }, 20);
    else story.tell("agent-thinking", { ...about, text: `thought ${index}` }, 20);
  }
  return story.events;
}
