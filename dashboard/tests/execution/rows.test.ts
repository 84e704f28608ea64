import { expect, test } from "vitest";
import { Rows } from "../../src/views/execution/rows";

test("the window holds every row that is seen and few others", () => {
  const rows = new Rows(10_000, 30);
  const window = rows.window(150_000, 600, 5);
  expect(window).toEqual({ from: 4995, to: 5026, top: 4995 * 30 });
  expect(rows.total).toBe(300_000);
});

test("rows behind an opened one stand lower by as much as it is higher", () => {
  const rows = new Rows(
    100,
    30,
    new Map([
      [10, 200],
      [20, 50],
    ]),
  );
  expect(rows.topOf(10)).toBe(300);
  expect(rows.topOf(11)).toBe(530);
  expect(rows.topOf(21)).toBe(880);
  expect(rows.total).toBe(3250);
});

test("the row at a distance is the one whose top and end it lies between, whatever is open", () => {
  const rows = new Rows(
    60,
    30,
    new Map([
      [0, 45],
      [7, 200],
      [8, 10],
      [59, 100],
    ]),
  );
  for (let distance = 0; distance < rows.total; distance += 7) {
    const row = rows.rowAt(distance);
    expect(rows.topOf(row)).toBeLessThanOrEqual(distance);
    const end = row + 1 < rows.count ? rows.topOf(row + 1) : rows.total;
    expect(end).toBeGreaterThan(distance);
  }
});

test("an opened row that a filter has taken out counts no more, and an empty list has no window", () => {
  expect(new Rows(5, 30, new Map([[7, 100]])).total).toBe(150);
  expect(new Rows(0, 30).window(0, 500)).toEqual({ from: 0, to: 0, top: 0 });
});

test("beyond the end the last rows are shown", () => {
  expect(new Rows(50, 30).window(1_000_000, 300, 2)).toEqual({ from: 47, to: 50, top: 1410 });
});
