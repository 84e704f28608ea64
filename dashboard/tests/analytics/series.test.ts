import { expect, test } from "vitest";
import { lineThrough, ticksOf, timeTicks } from "../../src/views/analytics/scale";
import { meansOf, type Point, stackOf, timesOf } from "../../src/views/analytics/series";

const FROM = Date.parse("2027-03-01T10:20:00Z");
const TO = Date.parse("2027-03-01T14:00:00Z");

function point(hour: number, label: string, total: number, count = 1): Point {
  return { at: `2027-03-01T${hour}:00:00Z`, label, total, count };
}

test("every bucket of the range is there, also those of which nothing is told", () => {
  const times = timesOf(FROM, TO, "hour");
  expect(times.map((time) => new Date(time).getUTCHours())).toEqual([10, 11, 12, 13]);
});

test("six labels stand alone and the others together, and nothing is lost", () => {
  const times = timesOf(FROM, TO, "hour");
  const points = Array.from({ length: 9 }, (_, index) => point(10 + (index % 4), `agent-${index}`, index + 1));
  const stack = stackOf(points, times, (one) => one.total);
  expect(stack.layers.map((layer) => layer.label)).toEqual([
    "agent-8",
    "agent-7",
    "agent-6",
    "agent-5",
    "agent-4",
    "agent-3",
    "other (3)",
  ]);
  expect(stack.totals.reduce((sum, value) => sum + value, 0)).toBe(45);
  expect(stack.highest).toBe(Math.max(...stack.totals));
});

test("a point outside the range is not drawn", () => {
  const stack = stackOf([point(15, "late", 5), point(11, "in", 2)], timesOf(FROM, TO, "hour"), (one) => one.total);
  expect(stack.layers).toEqual([{ label: "in", values: [0, 2, 0, 0], sum: 2 }]);
});

test("a mean is of all its labels, and no mean where there is nothing", () => {
  const points = [point(10, "a", 160, 2), point(10, "b", 50, 1), point(12, "a", 90, 1)];
  expect(meansOf(points, timesOf(FROM, TO, "hour"))).toEqual([70, null, 90, null]);
});

test("an axis has few round numbers and its top is not below the highest value", () => {
  for (const highest of [0.3, 1, 7, 42, 99, 101, 1234, 98_765]) {
    const ticks = ticksOf(highest);
    expect(ticks[0]).toBe(0);
    expect(ticks.at(-1)!).toBeGreaterThanOrEqual(highest);
    expect(ticks.at(-1)!).toBeLessThan(highest * 2.6);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(new Set(ticks.slice(1).map((tick, place) => (tick - ticks[place]!).toPrecision(6))).size).toBe(1);
  }
  expect(ticksOf(0)).toEqual([0, 1]);
});

test("times that are written stand evenly, on round ones, and there is room for them", () => {
  const times = timesOf(Date.parse("2027-03-01T10:07:00Z"), Date.parse("2027-03-01T11:07:00Z"), "minute");
  const places = timeTicks(times, "minute", 6);
  expect(places.length).toBeLessThanOrEqual(7);
  for (const place of places) expect(new Date(times[place]!).getUTCMinutes() % 10).toBe(0);
});

test("a flat line is two points", () => {
  expect(
    lineThrough([
      [0, 5],
      [1, 5],
      [2, 5],
      [3, 5],
      [4, 1],
    ]),
  ).toBe("M0 5L3 5L4 1");
});
