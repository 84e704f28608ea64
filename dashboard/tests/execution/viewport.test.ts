import { expect, test } from "vitest";
import { fitted, heightFor, LEAST, MOST, neighbour, pannedBy, zoomedAt } from "../../src/views/execution/viewport";

test("a paper that fits is shown whole and in the middle, never larger than it is", () => {
  const view = fitted({ width: 1000, height: 500 }, { width: 400, height: 300 });
  expect(view).toEqual({ k: 1, x: 300, y: 100 });
  const small = fitted({ width: 1000, height: 500 }, { width: 1500, height: 400 });
  expect(small.k).toBeLessThan(1);
  expect(small.x + 1500 * small.k).toBeLessThanOrEqual(1000);
});

test("one that would be too small to read begins at its left edge", () => {
  const view = fitted({ width: 360, height: 300 }, { width: 2000, height: 400 });
  expect(view.k).toBe(0.5);
  expect(view.x).toBeGreaterThanOrEqual(0);
});

test("what is under the pointer stays there when it is zoomed", () => {
  const before = { x: 20, y: -10, k: 0.8 };
  const after = zoomedAt(before, 1.5, 200, 100);
  const paper = (view: typeof before) => [(200 - view.x) / view.k, (100 - view.y) / view.k];
  expect(after.k).toBeCloseTo(1.2);
  paper(after).forEach((value, place) => expect(value).toBeCloseTo(paper(before)[place]!));
  expect(zoomedAt(before, 1000, 0, 0).k).toBe(MOST);
  expect(zoomedAt(before, 0.0001, 0, 0).k).toBe(LEAST);
});

test("panning moves the paper and changes no size", () => {
  expect(pannedBy({ x: 1, y: 2, k: 0.7 }, 10, -5)).toEqual({ x: 11, y: -3, k: 0.7 });
});

test("a window is as high as its paper needs, within reason", () => {
  expect(heightFor(1000, { width: 900, height: 300 })).toBe(328);
  expect(heightFor(1000, { width: 900, height: 9000 })).toBe(600);
  expect(heightFor(0, { width: 900, height: 300 })).toBeGreaterThan(0);
});

test("arrow keys go to the nearest step in their direction", () => {
  const box = (name: string, x: number, y: number) => ({ name, x, y, width: 100, height: 40 });
  const boxes = [box("a", 0, 0), box("b", 150, 10), box("c", 150, 200), box("d", 0, 90)];
  expect(neighbour(boxes, "a", "ArrowRight")).toBe("b");
  expect(neighbour(boxes, "a", "ArrowDown")).toBe("d");
  expect(neighbour(boxes, "c", "ArrowUp")).toBe("b");
  expect(neighbour(boxes, "a", "ArrowLeft")).toBeNull();
  expect(neighbour(boxes, "nobody", "ArrowLeft")).toBeNull();
});
