import { expect, test } from "vitest";
import { graphOf, placeOf, type PlanStep, worthShowing } from "../../src/views/execution/graph";

export function step(name: string, needs: string[] = [], after: string[] = [], agent = name): PlanStep {
  return { name, agent, needs, after };
}

const scene: PlanStep[] = [
  step("orchestrate"),
  step("story", ["orchestrate"]),
  step("story/plot", ["story"]),
  step("story/review", ["story"], ["story/plot"]),
  step("story/plot/2", ["story/review"], ["story/plot"]),
  step("story/review/2", ["story/review"], ["story/plot/2"]),
  step("compose", ["orchestrate"], ["story/plot", "story/review", "story/plot/2", "story/review/2"]),
];

test("a step stands in the column behind all that it waits for", () => {
  const columns = Object.fromEntries(graphOf(scene).nodes.map((node) => [node.name, node.column]));
  expect(columns).toEqual({
    orchestrate: 0,
    story: 1,
    "story/plot": 2,
    "story/review": 3,
    "story/plot/2": 4,
    "story/review/2": 5,
    compose: 6,
  });
});

test("a line that a longer way says already is not drawn", () => {
  const lines = graphOf(scene).lines.map((line) => `${line.from} > ${line.to}`);
  expect(lines).toEqual([
    "orchestrate > story",
    "story > story/plot",
    "story/plot > story/review",
    "story/review > story/plot/2",
    "story/plot/2 > story/review/2",
    "story/review/2 > compose",
  ]);
});

test("names tell departments, roles and rounds where nothing else does", () => {
  expect(placeOf(step("story/plot"))).toEqual({ department: "story", role: "draft", round: 1 });
  expect(placeOf(step("story/plot/3"))).toEqual({ department: "story", role: "draft", round: 3 });
  expect(placeOf(step("story/review/2"))).toEqual({ department: "story", role: "review", round: 2 });
  expect(placeOf(step("theme"))).toEqual({ department: "", role: "", round: 0 });
  const nodes = graphOf(scene).nodes;
  expect(nodes.find((node) => node.name === "story")).toMatchObject({ department: "story", role: "brief" });
  expect(nodes.find((node) => node.name === "compose")).toMatchObject({ department: "" });
});

test("steps that a plan does not have, and circles, do no harm", () => {
  const graph = graphOf([step("a", ["gone", "b"]), step("b", ["a"]), step("c", ["c"])]);
  expect(graph.nodes).toHaveLength(3);
  expect(graph.lines.every((line) => ["a", "b"].includes(line.from))).toBe(true);
});

test("later rounds are shown when something has happened in them", () => {
  const shown = worthShowing(scene, (one) => one.name === "story/plot/2").map((one) => one.name);
  expect(shown).toContain("story/plot/2");
  expect(shown).not.toContain("story/review/2");
  expect(shown).toContain("compose");
});
