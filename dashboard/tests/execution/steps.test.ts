import { expect, test } from "vitest";
import type { StepDocument } from "../../src/views/execution/documents";
import { stepsOf } from "../../src/views/execution/steps";

function document(name: string, status: string): StepDocument {
  return { name, agent: name, status, needs: [], after: [] } as unknown as StepDocument;
}

const again = { name: "story/plot/2", agent: "plot", department: "story", role: "draft", round: 2 };

function shown(status: string, folded: readonly (typeof again)[] = []): string[] {
  const documents = [document("story/plot", "done"), document("story/plot/2", status)];
  return stepsOf(documents, new Map(folded.map((one) => [one.name, one]))).map((one) => one.name);
}

test("a later round is shown when it has begun, also where a fork has it from its execution", () => {
  expect(shown("planned")).toEqual(["story/plot"]);
  expect(shown("running")).toEqual(["story/plot", "story/plot/2"]);
  expect(shown("done")).toEqual(["story/plot", "story/plot/2"]);
});

test("a step that was removed is shown as long as events tell of it", () => {
  expect(shown("removed")).toEqual(["story/plot"]);
  expect(shown("removed", [again])).toEqual(["story/plot", "story/plot/2"]);
});

test("a step that events name before the plan is read again is shown", () => {
  expect(stepsOf([], new Map([[again.name, again]])).map((one) => one.name)).toEqual(["story/plot/2"]);
});
