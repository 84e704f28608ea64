import { expect, test } from "vitest";
import { becauseOf, happenings, type LogItem, whyAgain } from "../../src/views/parties/why";

let next = 0;

function item(type: string, data: Record<string, unknown>): LogItem {
  next += 1;
  return {
    sequence: next,
    position: next,
    type: `reveille.planner.v1.${type}`,
    at: "2027-03-01T10:00:00Z",
    summary: `${type} happened`,
    data,
  };
}

test("what changed is said in words", () => {
  expect(becauseOf(["inputs", "fact guests", "result venue"])).toBe(
    "what was said about it, the guests and the result of venue changed",
  );
  expect(becauseOf(["result quotes[]"])).toBe("the result of quotes changed");
  expect(becauseOf([])).toBe("what it rests on changed");
});

test("a step's reason is its newest, and none once its earlier result is right again", () => {
  const log = [
    item("StepInvalidated", { step: "cake", changed: ["fact guests"] }),
    item("StepInvalidated", { step: "venue", changed: ["inputs"] }),
    item("StepInvalidated", { step: "cake", changed: ["result theme"] }),
    item("StepRestored", { step: "venue" }),
  ];
  expect([...whyAgain(log)]).toEqual([["cake", "the result of theme changed"]]);
});

test("an input that goes is told by what it said", () => {
  const log = [
    item("InputAdded", { input_id: "1", content: { text: "a band" } }),
    item("StepInvalidated", { step: "cake", changed: ["inputs"] }),
    item("InputRemoved", { input_id: "1" }),
  ];
  expect(happenings(log, 2).map(({ sign, text }) => `${sign} ${text}`)).toEqual([
    "− a band",
    "↻ cake runs again: what was said about it changed",
  ]);
});
