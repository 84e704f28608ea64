import { expect, test } from "vitest";
import { graphOf, type PlanStep } from "../../src/views/execution/graph";
import { type Drawing, layOut, NODE } from "../../src/views/execution/layout";

function step(name: string, needs: string[] = [], after: string[] = []): PlanStep {
  return { name, agent: name, needs, after };
}

/** Departments with two specialists each, and as many rounds. */
function film(rounds: number): PlanStep[] {
  const steps = [step("orchestrate")];
  const all: string[] = [];
  for (const department of ["story", "character", "visual"]) {
    steps.push(step(department, ["orchestrate"]));
    for (let round = 1; round <= rounds; round += 1) {
      const suffix = round === 1 ? "" : `/${round}`;
      const review = round === 1 ? department : `${department}/review${round === 2 ? "" : `/${round - 1}`}`;
      const drafts = ["a", "b"].map((name) => `${department}/${name}${suffix}`);
      for (const draft of drafts) steps.push(step(draft, [review]));
      steps.push(step(`${department}/review${suffix}`, [review], drafts));
      all.push(...drafts, `${department}/review${suffix}`);
    }
  }
  return [...steps, step("compose", ["orchestrate"], all)];
}

function overlaps(drawing: Drawing): string[] {
  const found: string[] = [];
  drawing.nodes.forEach((one, place) => {
    for (const other of drawing.nodes.slice(place + 1)) {
      const apart = Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height;
      if (!apart) found.push(`${one.name} and ${other.name}`);
    }
  });
  return found;
}

const diamond = [
  step("theme"),
  step("venue"),
  step("cake", [], ["theme"]),
  step("catering", [], ["venue"]),
  step("all", ["cake", "catering"]),
];

test.each([
  ["a plan", diamond],
  ["a hierarchy", film(1)],
  ["a hierarchy of three rounds", film(3)],
])("no two steps of %s stand on each other, and all stand on the paper", (_name, steps) => {
  const drawing = layOut(graphOf(steps));
  expect(overlaps(drawing)).toEqual([]);
  for (const node of drawing.nodes) {
    expect(node.x).toBeGreaterThanOrEqual(0);
    expect(node.y).toBeGreaterThanOrEqual(0);
    expect(node.x + NODE.width).toBeLessThanOrEqual(drawing.width);
    expect(node.y + NODE.height).toBeLessThanOrEqual(drawing.height);
  }
});

test("every line leads to the right", () => {
  const drawing = layOut(graphOf(film(2)));
  const left = new Map(drawing.nodes.map((node) => [node.name, node.x]));
  for (const route of drawing.routes) expect(left.get(route.from)!).toBeLessThan(left.get(route.to)!);
});

test("a department's steps stand in its lane, and no other's do", () => {
  const drawing = layOut(graphOf(film(2)));
  for (const node of drawing.nodes) {
    const inside = drawing.lanes.filter(
      (lane) =>
        node.y >= lane.y &&
        node.y + NODE.height <= lane.y + lane.height &&
        node.x >= lane.x &&
        node.x <= lane.x + lane.width,
    );
    expect(inside.map((lane) => lane.department)).toEqual(node.department ? [node.department] : []);
  }
});

test("lines that need not cross do not", () => {
  const steps = [step("a"), step("b"), step("c"), step("z", ["a"]), step("y", ["b"]), step("x", ["c"])];
  const drawing = layOut(graphOf([...steps.slice(0, 3), ...steps.slice(3).reverse()]));
  const y = new Map(drawing.nodes.map((node) => [node.name, node.y]));
  const order = (names: string[]) => [...names].sort((one, other) => y.get(one)! - y.get(other)!);
  const pairs: Record<string, string> = { a: "z", b: "y", c: "x" };
  expect(order(["x", "y", "z"])).toEqual(order(["a", "b", "c"]).map((name) => pairs[name]));
});

test("a line over several columns passes between the steps of those columns", () => {
  const steps = [step("a"), step("b", ["a"]), step("c", ["b"]), step("far", ["c"], ["a2"]), step("a2")];
  const drawing = layOut(graphOf(steps));
  expect(overlaps(drawing)).toEqual([]);
  const route = drawing.routes.find((one) => one.from === "a2" && one.to === "far")!;
  expect(route.path.match(/C/g)).toHaveLength(3);
});

test("an empty plan is an empty paper", () => {
  expect(layOut(graphOf([]))).toMatchObject({ nodes: [], routes: [], lanes: [], width: 0, height: 0 });
});
