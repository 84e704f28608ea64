import { expect, test } from "vitest";
import { linesOf, runsOf } from "../../src/views/analytics/means";

const at = (hour: number) => `2027-03-01T${hour}:00:00Z`;
const TIMES = [10, 11, 12, 13].map((hour) => Date.parse(at(hour)));

test("each label has a line of its means, the one with most behind it first", () => {
  const lines = linesOf(
    [
      { at: at(10), label: "story", total: 120, count: 2 },
      { at: at(12), label: "story", total: 90, count: 1 },
      { at: at(11), label: "visual", total: 70, count: 1 },
    ],
    TIMES,
  );
  expect(lines).toEqual([
    { label: "story", values: [60, null, 90, null] },
    { label: "visual", values: [null, 70, null, null] },
  ]);
});

test("a line has a gap where there is nothing", () => {
  expect(runsOf([1, 2, null, null, 3, null, 4, 5, 6])).toEqual([[0, 1], [4], [6, 7, 8]]);
  expect(runsOf([null])).toEqual([]);
});
