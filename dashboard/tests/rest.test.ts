import { expect, test } from "vitest";
import { ProblemError } from "../src/client/problem.ts";
import { Api } from "../src/client/rest.ts";

let refusals: string[] = [];

function api(answer: Response | Error) {
  const asked: Request[] = [];
  const made = new Api({
    base: "http://platform:3004/",
    token: () => "secret",
    onRefused: (token) => refusals.push(token),
    fetch: (url, request) => {
      asked.push(new Request(url, request));
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { made, asked };
}

async function refused(answer: Response | Error): Promise<ProblemError> {
  const error: unknown = await api(answer).made.get("/api/v1/agents").catch((raised: unknown) => raised);
  if (!(error instanceof ProblemError)) throw new Error(`it was ${String(error)}, expected a ProblemError`);
  return error;
}

test("what is not asked for is left out of the address", async () => {
  const { made, asked } = api(Response.json({ items: [] }));
  await made.get("/api/v1/executions", { query: { status: "failed", agent: "", limit: 50, cursor: null } });
  expect(asked[0]?.url).toBe("http://platform:3004/api/v1/executions?status=failed&limit=50");
});

test("every request carries the token, where there is one", async () => {
  const { made, asked } = api(Response.json({}));
  await made.post("/api/v1/executions", { blueprint: "party" });
  expect(asked[0]?.headers.get("authorization")).toBe("Bearer secret");
  expect(await asked[0]?.json()).toEqual({ blueprint: "party" });
  const without: Request[] = [];
  const other = new Api({ base: "http://platform", fetch: (url, request) => (without.push(new Request(url, request)), Promise.resolve(Response.json({}))) });
  await other.get("/api/v1/agents");
  expect(without[0]?.headers.get("authorization")).toBeNull();
});

test("whoever is not known is told so once and by what he showed, and no other refusal counts as that", async () => {
  refusals = [];
  await refused(Response.json({ detail: "no", code: "not_allowed" }, { status: 403 }));
  expect(refusals).toEqual([]);
  await refused(Response.json({ detail: "who?", code: "wrong_token" }, { status: 401 }));
  expect(refusals).toEqual(["secret"]);
});

test("a problem is an error with its code, its fields and when to come again", async () => {
  const problem = { title: "Service Unavailable", detail: "planner does not answer", code: "unavailable", errors: [] };
  const error = await refused(Response.json(problem, { status: 503, headers: { "retry-after": "2" } }));
  expect(error.message).toBe("planner does not answer");
  expect(error.code).toBe("unavailable");
  expect(error.retryAfter).toBe(2);
  expect(error.passing).toBe(true);
});

test("an answer of something between is an error too, and no crash", async () => {
  const error = await refused(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  expect(error.status).toBe(502);
  expect(error.passing).toBe(false);
});

test("nobody answers: an error that passes", async () => {
  const error = await refused(new TypeError("fetch failed"));
  expect(error.status).toBe(0);
  expect(error.passing).toBe(true);
});

test("a page instead of JSON is said to be none", async () => {
  expect((await refused(new Response("<html>"))).code).toBe("no_json");
});

test("readiness tells its reasons with 503, and is an answer where that is said", async () => {
  const { made } = api(Response.json({ reasons: ["it is shutting down"] }, { status: 503 }));
  expect(await made.get("/readyz", { take: [503] })).toEqual({ reasons: ["it is shutting down"] });
});
