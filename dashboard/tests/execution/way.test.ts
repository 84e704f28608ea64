import { expect, test } from "vitest";
import { askable, wayTo } from "../../src/views/execution/way";
import type { CauseDocument } from "../../src/views/execution/documents";

function event(id: string, causation_id: string, type: string, position: number): CauseDocument {
  const at = new Date(1_800_000_000_000 + position * 10).toISOString();
  return {
    id,
    causation_id,
    type: `reveille.planner.v1.${type}`,
    service: "planner",
    stream: "s",
    revision: 0,
    position,
    at,
    trace_id: "",
    summary: type,
  };
}

const EVENTS = [
  event("1", "", "InputsChanged", 1),
  event("2", "1", "InputsAnalyzed", 2),
  event("3", "2", "StepReady", 3),
  event("4", "2", "StepPlanned", 4),
  event("5", "3", "RunCompleted", 5),
  event("6", "5", "StepCompleted", 6),
];

test("the way leads from the outside act to the event, and says how much later each came", () => {
  const way = wayTo(EVENTS, "6");
  expect(way.map((link) => link.name)).toEqual([
    "InputsChanged",
    "InputsAnalyzed",
    "StepReady",
    "RunCompleted",
    "StepCompleted",
  ]);
  expect(way.map((link) => link.later)).toEqual([0, 10, 10, 20, 10]);
  expect(way.map((link) => link.others)).toEqual([0, 1, 0, 0, 0]);
});

test("a circle and an unknown event have an end", () => {
  expect(wayTo([event("1", "2", "A", 1), event("2", "1", "B", 2)], "1")).toHaveLength(2);
  expect(wayTo(EVENTS, "nobody")).toEqual([]);
});

test("people ask about what has ended, the newest first", () => {
  const more = [...EVENTS, event("7", "6", "ExecutionCompleted", 7)];
  expect(askable(more).map((one) => one.id)).toEqual(["7", "6"]);
  expect(askable(EVENTS.slice(0, 3)).map((one) => one.id)).toEqual(["3"]);
});
