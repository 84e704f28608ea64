import { expect, test } from "vitest";
import { fold } from "../../src/views/execution/fold";
import { emptyState, type RunState } from "../../src/views/execution/state";
import type { LiveEvent } from "../../src/client/events";
import { scene, Story } from "./story";

function folded(events: readonly LiveEvent[]): RunState {
  const state = emptyState();
  for (const event of events) fold(state, event);
  return state;
}

test("a revision leaves the first draft with its notes and the second with its score", () => {
  const state = folded(scene());
  const first = state.steps.get("story/plot-writer");
  const second = state.steps.get("story/plot-writer/2");
  expect(first).toMatchObject({
    status: "done",
    score: 55,
    review: "revise",
    notes: "add a turn",
    reasons: ["too short"],
  });
  expect(second).toMatchObject({
    status: "done",
    score: 82,
    passed: true,
    review: "approved",
    output: { text: "longer" },
  });
  expect(state).toMatchObject({
    status: "completed",
    tokens: 12,
    runs: 3,
    running: 0,
    revisions: 1,
    tools: 1,
    thoughts: 1,
  });
  expect(state.result).toEqual({ title: "The light" });
});

test("a department's quality is that of its specialists' newest drafts, and its own word at the end", () => {
  const events = scene();
  const afterFirst = folded(events.slice(0, 10)).departments.get("story");
  expect(afterFirst).toMatchObject({ status: "working", score: 55, checks: 1, round: 1 });
  expect(folded(events.slice(0, 14)).departments.get("story")).toMatchObject({ score: 82, checks: 2, round: 2 });
  expect(folded(events).departments.get("story")).toMatchObject({ status: "approved", executionTime: 6000, score: 82 });
});

test("a tool's call is told of the step whose run it is", () => {
  expect(folded(scene().slice(0, 7)).steps.get("story/plot-writer")).toMatchObject({ tools: 1, status: "running" });
});

test("a late end of an attempt that another has followed counts its tokens and changes nothing else", () => {
  const events = new Story()
    .tell("agent-start", { agentId: "a", step: "s", runId: "r1" })
    .tell("agent-start", { agentId: "a", step: "s", runId: "r2", attempt: 2 })
    .tell("agent-complete", { agentId: "a", step: "s", runId: "r1", status: "cancelled", tokensUsed: 5 }).events;
  const state = folded(events);
  expect(state.steps.get("s")).toMatchObject({ status: "running", attempt: 2, runs: 2, tokens: 5 });
  expect(state).toMatchObject({ running: 1, tokens: 5 });
});

test("a failed attempt tells its error, and the next one begins without it", () => {
  const story = new Story()
    .tell("agent-start", { agentId: "a", step: "s", runId: "r1" })
    .tell("agent-complete", { agentId: "a", step: "s", runId: "r1", status: "failed", error: "no answer" });
  expect(folded(story.events).steps.get("s")).toMatchObject({ status: "failed", error: "no answer" });
  story.tell("agent-start", { agentId: "a", step: "s", runId: "r2", attempt: 2 });
  expect(folded(story.events).steps.get("s")).toMatchObject({ status: "running", error: "" });
});

test("a living plan that was complete runs again with its next agent", () => {
  const story = new Story().tell("orchestration-start").tell("orchestration-complete");
  expect(folded(story.events)).toMatchObject({ status: "completed" });
  story.tell("agent-start", { agentId: "a", step: "s", runId: "r1" });
  expect(folded(story.events)).toMatchObject({ status: "running", endedAt: null });
});

test("an event of an unknown type is counted and changes nothing else", () => {
  const known = scene().slice(0, 5);
  const unknown = { ...known[4], type: "agent-dreams", sequence: 6 } as unknown as LiveEvent;
  const before = folded(known);
  const after = folded([...known, unknown]);
  expect(after).toEqual({ ...before, count: 6, sequence: 6 });
});
