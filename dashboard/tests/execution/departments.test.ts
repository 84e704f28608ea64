import { expect, test } from "vitest";
import { departmentsOf } from "../../src/views/execution/departments";
import { fold } from "../../src/views/execution/fold";
import { emptyState } from "../../src/views/execution/state";
import type { PlanStep } from "../../src/views/execution/graph";
import { shownSteps } from "../../src/views/execution/merge";
import { scene } from "./story";

const STEPS: PlanStep[] = [
  "orchestrate",
  "story",
  "story/plot-writer",
  "story/dialogue-writer",
  "story/plot-writer/2",
  "visual",
].map((name) => ({
  name,
  agent: name.split("/")[1] ?? name,
  after: [],
  needs: [],
}));

function cards(count: number, relevance: unknown = null) {
  const state = emptyState();
  for (const event of scene().slice(0, count)) fold(state, event);
  if (relevance) state.steps.set("orchestrate", { ...state.steps.get("orchestrate")!, output: relevance });
  return departmentsOf(STEPS, shownSteps([], state, true), state);
}

test("a specialist is shown by its newest round, and settled when its work is approved", () => {
  const [story] = cards(17);
  expect(story).toMatchObject({
    name: "story",
    status: "approved",
    score: 82,
    round: 2,
    settled: 1,
    executionTime: 6000,
  });
  const plot = story!.specialists.find((one) => one.agent === "plot-writer")!;
  expect(plot).toMatchObject({ round: 2, step: { name: "story/plot-writer/2", review: "approved" } });
});

test("at an earlier moment the department is as it was then", () => {
  const [story] = cards(11);
  expect(story).toMatchObject({ status: "working", score: 55, round: 1, settled: 0, executionTime: null });
  expect(story!.specialists.map((one) => [one.agent, one.step?.review ?? null])).toEqual([
    ["plot-writer", "revise"],
    ["dialogue-writer", null],
  ]);
});

test("a department that the orchestrator has left asleep says how relevant it was", () => {
  const told = { relevance: { story: 0.8, visual: 0.1 }, reasons: { visual: "no picture is asked for" } };
  const visual = cards(4, told).find((one) => one.name === "visual");
  expect(visual).toMatchObject({ status: "not woken", relevance: 0.1, reason: "no picture is asked for" });
});

test("before anybody has said anything a department waits", () => {
  expect(cards(0).map((one) => one.status)).toEqual(["waiting"]);
});
