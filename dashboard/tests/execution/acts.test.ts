import { expect, test } from "vitest";
import { Api } from "../../src/client";
import { fork } from "../../src/views/execution/acts";
import { moneyOfResults } from "../../src/views/execution/moments";

interface Item {
  sequence: number;
  position: number;
}

/** A plan whose log has more events than its live ones, told two a page. */
function platform(live: Item[], log: Item[]) {
  const forks: unknown[] = [];
  const answer = (url: URL, init: RequestInit): unknown => {
    if (init.method === "POST") {
      forks.push(JSON.parse(String(init.body)));
      return { execution_id: "forked", position: 1 };
    }
    if (url.searchParams.get("log") === "true") {
      const from = Number(url.searchParams.get("cursor") ?? 0);
      return { items: log.slice(from, from + 2), next: from + 2 < log.length ? String(from + 2) : null };
    }
    const after = Number(url.searchParams.get("after"));
    return { items: live.filter((one) => one.sequence > after).slice(0, 1), next: null };
  };
  const api = new Api({
    base: "http://platform",
    fetch: (url, init) => Promise.resolve(Response.json(answer(new URL(String(url)), init ?? {}))),
  });
  return { api, forks };
}

const LOG = [10, 11, 14, 20, 21, 30].map((position, place) => ({ sequence: place + 1, position }));

test("a fork of a moment is one of the last event of the log that does not stand behind it", async () => {
  const live = [
    { sequence: 1, position: 11 },
    { sequence: 2, position: 17 },
    { sequence: 3, position: 20 },
  ];
  const { api, forks } = platform(live, LOG);
  for (const sequence of [1, 2, 3]) await fork(api, "p", { sequence, at: "" });
  expect(forks).toEqual([{ at: 2 }, { at: 3 }, { at: 4 }]);
});

test("a fork of now names no event", async () => {
  const { api, forks } = platform([], LOG);
  expect(await fork(api, "p", null)).toMatchObject({ execution_id: "forked" });
  expect(forks).toEqual([{}]);
});

test("a moment before the plan began cannot be forked", async () => {
  const { api } = platform([{ sequence: 1, position: 3 }], LOG);
  await expect(fork(api, "p", { sequence: 1, at: "" })).rejects.toThrow("before its plan began");
});

test("what results cost is added up, and results without a price say nothing", () => {
  expect(
    moneyOfResults([{ money: { min: 1, max: 3 } }, null, "x", { money: { min: 10, max: 10 } }, { money: {} }]),
  ).toEqual({ min: 11, max: 13 });
  expect(moneyOfResults([{}, null])).toBeNull();
});
