import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProblemError } from "../src/client/problem.ts";
import { type Read, Reading } from "../src/client/reading.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Asked {
  answer: (value: number) => void;
  refuse: (error: unknown) => void;
}

function reading() {
  const asked: Asked[] = [];
  const told: Read<number>[] = [];
  const fetch = () => new Promise<number>((answer, refuse) => asked.push({ answer, refuse }));
  return { asked, told, made: new Reading<number>(fetch, (read) => told.push(read)) };
}

const settled = () => vi.advanceTimersByTimeAsync(0);
const problem = (status: number) => new ProblemError({ type: "", title: "", status, detail: "no", code: "x" });

test("changes while it reads make one more read, and not one each", async () => {
  const { asked, made } = reading();
  made.renew();
  for (let change = 0; change < 20; change++) made.renew();
  expect(asked).toHaveLength(1);
  asked[0]?.answer(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toHaveLength(2);
});

test("what takes long is read more seldom", async () => {
  const { asked, made } = reading();
  made.renew();
  await vi.advanceTimersByTimeAsync(2000);
  asked[0]?.answer(1);
  await settled();
  made.renew();
  await vi.advanceTimersByTimeAsync(7000);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toHaveLength(2);
});

test("what was read stays while it is read again, and where that fails", async () => {
  const { asked, told, made } = reading();
  made.renew();
  asked[0]?.answer(1);
  await settled();
  made.renew();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.at(-1)).toMatchObject({ value: 1, loading: true });
  asked[1]?.refuse(problem(404));
  await settled();
  expect(told.at(-1)).toMatchObject({ value: 1, loading: false, error: { status: 404 } });
});

test("what fails for now is tried again, what is refused is not", async () => {
  const { asked, made } = reading();
  made.renew();
  asked[0]?.refuse(problem(503));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(2);
  asked[1]?.refuse(problem(403));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(2);
});

test("nothing is told after its end", async () => {
  const { asked, told, made } = reading();
  made.renew();
  const before = told.length;
  made.end();
  asked[0]?.answer(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toHaveLength(before);
});
