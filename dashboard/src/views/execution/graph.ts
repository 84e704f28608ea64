// A plan's steps as a graph: which of them are shown, which lines are worth drawing, and who stands in which column.

export interface PlanStep {
  name: string;
  agent: string;
  after: readonly string[];
  needs: readonly string[];
  of?: string;
  department?: string;
  role?: string;
  round?: number;
}

export interface GraphNode {
  name: string;
  agent: string;
  /** "" where it is of no department. */
  department: string;
  role: string;
  round: number;
  /** From 0, left to right. */
  column: number;
}

export interface GraphLine {
  from: string;
  to: string;
  /** It cannot be done without; else it only comes after. */
  needed: boolean;
}

export interface Graph {
  nodes: readonly GraphNode[];
  lines: readonly GraphLine[];
}

/** Where a step stands in a hierarchy: by what is said of it, else by its name, which has `/` nowhere else. */
export function placeOf(step: PlanStep): { department: string; role: string; round: number } {
  const [department = "", second, third] = step.name.split("/");
  if (second === undefined) {
    return { department: step.department ?? "", role: step.role ?? "", round: step.round ?? 0 };
  }
  const role = step.role || (second === "review" ? "review" : "draft");
  return { department: step.department || department, role, round: step.round || Number(third ?? 1) || 1 };
}

/** Lines to steps that are not there are left out, and so is a line that says no more than a longer way does. */
export function graphOf(steps: readonly PlanStep[]): Graph {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const heads = new Set(steps.filter((step) => step.name.includes("/")).map((step) => placeOf(step).department));
  const above = new Map<string, Map<string, boolean>>();
  for (const step of steps) {
    const found = new Map<string, boolean>();
    for (const name of step.after) if (byName.has(name) && name !== step.name) found.set(name, false);
    for (const name of step.needs) if (byName.has(name) && name !== step.name) found.set(name, true);
    if (step.of && byName.has(step.of)) found.set(step.of, true);
    above.set(step.name, found);
  }
  const columns = columnsOf(above);
  const lines = reduced(above, columns);
  const nodes = steps.map((step) => {
    const { department, role, round } = placeOf(step);
    const head = !department && heads.has(step.name);
    return {
      name: step.name,
      agent: step.agent,
      department: head ? step.name : department,
      role: role || (head ? "brief" : ""),
      round,
      column: columns.get(step.name) ?? 0,
    };
  });
  return { nodes, lines };
}

/** By name: the length of the longest way to it. A step on a circle, which no plan has, counts as a first one. */
function columnsOf(above: ReadonlyMap<string, ReadonlyMap<string, boolean>>): Map<string, number> {
  const columns = new Map<string, number>();
  const open = new Set<string>();
  const visit = (name: string): number => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    if (open.has(name)) return -1;
    open.add(name);
    let column = 0;
    for (const other of above.get(name)?.keys() ?? []) column = Math.max(column, visit(other) + 1);
    open.delete(name);
    columns.set(name, column);
    return column;
  };
  for (const name of above.keys()) visit(name);
  return columns;
}

function reduced(
  above: ReadonlyMap<string, ReadonlyMap<string, boolean>>,
  columns: ReadonlyMap<string, number>,
): GraphLine[] {
  const ancestors = new Map<string, Set<string>>();
  const names = [...above.keys()].sort((one, other) => (columns.get(one) ?? 0) - (columns.get(other) ?? 0));
  const lines: GraphLine[] = [];
  for (const name of names) {
    const direct = [...(above.get(name) ?? [])];
    const far = new Set<string>();
    for (const [other] of direct) for (const one of ancestors.get(other) ?? []) far.add(one);
    for (const [other, needed] of direct) if (!far.has(other)) lines.push({ from: other, to: name, needed });
    ancestors.set(name, new Set([...far, ...direct.map(([other]) => other)]));
  }
  return lines;
}

/** Steps of later rounds that nobody had to do are noise: shown are those that did something, and round one. */
export function worthShowing<T extends PlanStep>(steps: readonly T[], didSomething: (step: T) => boolean): T[] {
  return steps.filter((step) => placeOf(step).round < 2 || didSomething(step));
}
