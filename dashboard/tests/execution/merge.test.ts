import { expect, test } from "vitest";
import type { StepDocument } from "../../src/views/execution/documents";
import { fold } from "../../src/views/execution/fold";
import { emptyState, type FoldedStep } from "../../src/views/execution/state";
import { shownStep, shownSteps } from "../../src/views/execution/merge";
import { Story } from "./story";

const document: StepDocument = {
  name: "s",
  agent: "a",
  status: "ready",
  attempt: 1,
  run_id: "r1",
  result: null,
  error: null,
  tokens: { reserved: 0, used: 0 },
  started_at: null,
  ended_at: null,
  after: [],
  needs: [],
  reads: [],
  digest: "",
  money: null,
  reason: "",
  changed: [],
  of: "",
};

function folded(...told: [runId: string, end: "" | "completed" | "cancelled"][]): FoldedStep {
  const story = new Story();
  for (const [runId, end] of told) {
    story.tell("agent-start", { agentId: "a", step: "s", runId });
    if (end) story.tell("agent-complete", { agentId: "a", step: "s", runId, status: end, output: { by: runId } });
  }
  const state = emptyState();
  for (const event of story.events) fold(state, event);
  return state.steps.get("s")!;
}

test("live events are ahead of a document that has its attempt only as ready", () => {
  expect(shownStep("s", document, folded(["r1", ""]), false).status).toBe("running");
  expect(shownStep("s", document, folded(["r1", "completed"]), false)).toMatchObject({
    status: "done",
    result: { by: "r1" },
  });
});

test("an attempt that the planner has ended stays ended, whatever the events of its run say", () => {
  const failed = { ...document, status: "failed", error: "timed out" };
  expect(shownStep("s", failed, folded(["r1", ""]), false)).toMatchObject({ status: "failed", error: "timed out" });
  const removed = { ...document, status: "removed" };
  expect(shownStep("s", removed, folded(["r1", "completed"]), false).status).toBe("removed");
});

test("a step that waits for its next attempt is not shown by the one before", () => {
  const waiting = { ...document, status: "waiting_tokens", attempt: 2, run_id: "r2" };
  expect(shownStep("s", waiting, folded(["r1", "completed"]), false).status).toBe("waiting_tokens");
});

test("in the past the events alone count", () => {
  const done = { ...document, status: "done", result: { later: true }, started_at: "2027-03-01T10:00:01Z" };
  expect(shownStep("s", done, null, true)).toMatchObject({ status: "planned", result: null, attempt: 0 });
  expect(shownStep("s", done, folded(["r1", ""]), true)).toMatchObject({ status: "running", result: null });
});

test("a step that no document has yet is shown by its events", () => {
  expect(shownStep("s", null, folded(["r1", ""]), false)).toMatchObject({ status: "running", agent: "a" });
});

test("what a fork has from its execution was there from the beginning", () => {
  const state = emptyState();
  const adopted = { ...document, status: "done", result: { by: "the other" } };
  expect(shownSteps([adopted], state, true, state).get("s")).toMatchObject({
    status: "done",
    result: { by: "the other" },
  });
  const last = emptyState();
  for (const event of new Story().tell("agent-start", { agentId: "a", step: "s", runId: "r1" }).events)
    fold(last, event);
  expect(shownSteps([adopted], state, true, last).get("s")).toMatchObject({ status: "planned", result: null });
});

test("a step whose tokens the ledger cannot tell now is shown with none", () => {
  expect(shownStep("s", { ...document, tokens: null }, null, false).tokens).toBe(0);
});
