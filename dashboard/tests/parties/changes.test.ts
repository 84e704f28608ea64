import { expect, test } from "vitest";
import { Api } from "../../src/client";
import type { InputDocument } from "../../src/views/execution/documents";
import { change, differenceOf, stillWanted } from "../../src/views/parties/changes";

function input(input_id: string, content = input_id): InputDocument {
  return {
    input_id,
    content,
    source_type: "text",
    tags: [],
    added_by: "",
    added_at: "",
    categories: [],
    confidence: 0,
  };
}

/** One plan behind HTTP, whose writes hold to If-Match as the platform's do. */
class Platform {
  revision = 1;
  writes: unknown[] = [];
  /** What somebody else does between a read and the write that follows. */
  between: (() => void)[] = [];

  constructor(public inputs: InputDocument[]) {}

  readonly api = new Api({
    base: "http://platform",
    fetch: (_url, init) => Promise.resolve(init?.method === "PATCH" ? this.patch(init) : this.get()),
  });

  private get(): Response {
    const answer = Response.json({ inputs: this.inputs }, { headers: { etag: `"${this.revision}"` } });
    this.between.shift()?.();
    return answer;
  }

  private patch(init: RequestInit): Response {
    const given = new Headers(init.headers).get("if-match");
    if (given !== `"${this.revision}"`) {
      const problem = {
        type: "",
        title: "Precondition Failed",
        status: 412,
        detail: "the inputs have moved",
        code: "inputs_moved",
      };
      return Response.json(problem, { status: 412 });
    }
    this.writes.push(JSON.parse(String(init.body)));
    this.revision += 1;
    return Response.json({ execution_id: "p", position: 9 }, { status: 202 });
  }
}

const mine = { add: ["a cake"], remove: ["one"] };

test("several changes go in one request, over what was seen", async () => {
  const platform = new Platform([input("one"), input("two")]);
  const outcome = await change(platform.api, "p", mine, platform.inputs);
  expect(outcome).toEqual({ written: { execution_id: "p", position: 9 } });
  expect(platform.writes).toEqual([{ add: [{ content: "a cake" }], remove: ["one"] }]);
});

test("what somebody else has changed meanwhile is shown, and nothing is written", async () => {
  const seen = [input("one"), input("two")];
  const platform = new Platform([input("two"), input("theirs", "a band")]);
  const outcome = await change(platform.api, "p", mine, seen);
  expect(outcome).toMatchObject({ conflict: { came: [{ content: "a band" }], went: [{ input_id: "one" }] } });
  expect(platform.writes).toEqual([]);
});

test("a change that comes between the read and the write is shown too", async () => {
  const platform = new Platform([input("one")]);
  const seen = platform.inputs;
  platform.between.push(() => {
    platform.revision += 1;
    platform.inputs = [...platform.inputs, input("theirs", "a band")];
  });
  const outcome = await change(platform.api, "p", mine, seen);
  expect(outcome).toMatchObject({ conflict: { came: [{ content: "a band" }], went: [] } });
  expect(platform.writes).toEqual([]);
});

test("a revision that has moved without a difference is written over", async () => {
  const platform = new Platform([input("one")]);
  platform.between.push(() => (platform.revision += 1));
  expect(await change(platform.api, "p", mine, platform.inputs)).toHaveProperty("written");
  expect(platform.writes).toHaveLength(1);
});

test("one whose every write is overtaken is told so in the end", async () => {
  const platform = new Platform([input("one")]);
  for (let turn = 0; turn < 20; turn += 1) platform.between.push(() => (platform.revision += 1));
  await expect(change(platform.api, "p", mine, platform.inputs)).rejects.toThrow("the inputs have moved");
  expect(platform.writes).toEqual([]);
});

test("an input that is gone need not go again", () => {
  expect(stillWanted(mine, [input("two")])).toEqual({ add: ["a cake"], remove: [] });
  expect(differenceOf([input("one")], [input("one")])).toBeNull();
});
