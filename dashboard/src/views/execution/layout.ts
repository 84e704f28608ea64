// Where a plan's steps stand on paper: columns left to right, a lane for each department, few crossings.

import type { Graph, GraphLine, GraphNode } from "./graph";

export const NODE = { width: 172, height: 56 } as const;
const GAP = { column: 38, row: 16, lane: 26, title: 24, edge: 20 } as const;
const SWEEPS = 6;

export interface Placed extends GraphNode {
  x: number;
  y: number;
}

export interface Route extends GraphLine {
  path: string;
}

export interface Lane {
  department: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Drawing {
  nodes: readonly Placed[];
  routes: readonly Route[];
  lanes: readonly Lane[];
  width: number;
  height: number;
}

/** A node, or where a long line goes through a column. */
interface Slot {
  key: string;
  column: number;
  lane: number;
  node: GraphNode | null;
  order: number;
  y: number;
}

export function layOut(graph: Graph): Drawing {
  const departments = [...new Set(graph.nodes.map((node) => node.department).filter((name) => name))];
  return departments.length ? inLanes(graph, departments) : freely(graph);
}

/** Without departments: one field, whose long lines have places of their own so that they pass between the steps. */
function freely(graph: Graph): Drawing {
  const slots = new Map<string, Slot>();
  for (const node of graph.nodes) slots.set(node.name, slotOf(node.name, node.column, node));
  const ways: { line: GraphLine; through: Slot[] }[] = [];
  const links: [Slot, Slot][] = [];
  for (const line of graph.lines) {
    const from = slots.get(line.from);
    const to = slots.get(line.to);
    if (!from || !to) continue;
    const through = [from];
    for (let column = from.column + 1; column < to.column; column += 1) {
      const bend = slotOf(`${line.from}>${line.to}:${column}`, column, null);
      slots.set(bend.key, bend);
      through.push(bend);
    }
    through.push(to);
    for (let index = 1; index < through.length; index += 1) links.push([through[index - 1]!, through[index]!]);
    ways.push({ line, through });
  }
  const columns = byColumn([...slots.values()]);
  untangle(columns, links);
  const tallest = Math.max(0, ...columns.map(heightOf));
  for (const column of columns) {
    let y = (tallest - heightOf(column)) / 2;
    for (const slot of column) {
      const height = slot.node ? NODE.height : GAP.row;
      slot.y = y + height / 2;
      y += height + GAP.row;
    }
  }
  const nodes = placed([...slots.values()], 0);
  const routes = ways.map(({ line, through }) => ({ ...line, path: pathThrough(through) }));
  return sized(nodes, routes, []);
}

function inLanes(graph: Graph, departments: readonly string[]): Drawing {
  const slots = new Map(graph.nodes.map((node) => [node.name, slotOf(node.name, node.column, node)]));
  const lanes: Lane[] = [];
  let top = 0;
  for (const department of departments) {
    const own = [...slots.values()].filter((slot) => slot.node?.department === department);
    const columns = byColumn(own);
    const rows = Math.max(1, ...columns.map((column) => column.length));
    const height = rows * (NODE.height + GAP.row) - GAP.row;
    for (const column of columns) {
      const used = column.length * (NODE.height + GAP.row) - GAP.row;
      column.forEach((slot, index) => {
        const from = top + GAP.title + (height - used) / 2;
        slot.y = from + index * (NODE.height + GAP.row) + NODE.height / 2;
      });
    }
    lanes.push({ department, x: 0, y: top, width: 0, height: height + GAP.title + GAP.row });
    top += height + GAP.title + GAP.row + GAP.lane;
  }
  const bottom = top - GAP.lane;
  const outside = [...slots.values()].filter((slot) => !slot.node?.department);
  for (const column of byColumn(outside)) {
    const used = column.length * (NODE.height + GAP.row) - GAP.row;
    column.forEach((slot, index) => {
      slot.y = (bottom - used) / 2 + index * (NODE.height + GAP.row) + NODE.height / 2;
    });
  }
  const nodes = placed([...slots.values()], 0);
  const routes = graph.lines.flatMap((line) => {
    const from = slots.get(line.from);
    const to = slots.get(line.to);
    return from && to ? [{ ...line, path: pathThrough([from, to]) }] : [];
  });
  const inside = nodes.filter((node) => node.department);
  const left = Math.min(...inside.map((node) => node.x)) - GAP.edge;
  const right = Math.max(...inside.map((node) => node.x + NODE.width)) + GAP.edge;
  return sized(
    nodes,
    routes,
    lanes.map((lane) => ({ ...lane, x: left, width: right - left })),
  );
}

function slotOf(key: string, column: number, node: GraphNode | null): Slot {
  return { key, column, lane: 0, node, order: 0, y: 0 };
}

function byColumn(slots: readonly Slot[]): Slot[][] {
  const columns = new Map<number, Slot[]>();
  for (const slot of slots) {
    const column = columns.get(slot.column) ?? [];
    slot.order = column.length;
    column.push(slot);
    columns.set(slot.column, column);
  }
  return [...columns.entries()].sort(([one], [other]) => one - other).map(([, column]) => column);
}

/** Each column by the mean place of what its slots are tied to, to the right and back again. */
function untangle(columns: readonly Slot[][], links: readonly (readonly [Slot, Slot])[]): void {
  const before = new Map<Slot, Slot[]>();
  const behind = new Map<Slot, Slot[]>();
  for (const [from, to] of links) {
    before.set(to, [...(before.get(to) ?? []), from]);
    behind.set(from, [...(behind.get(from) ?? []), to]);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const right = sweep % 2 === 0;
    const ties = right ? before : behind;
    for (const column of right ? columns : [...columns].reverse()) {
      const weight = (slot: Slot): number => {
        const others = ties.get(slot) ?? [];
        return others.length ? others.reduce((sum, one) => sum + one.order, 0) / others.length : slot.order;
      };
      const weights = new Map(column.map((slot) => [slot, weight(slot)]));
      column.sort((one, other) => weights.get(one)! - weights.get(other)! || one.order - other.order);
      column.forEach((slot, index) => (slot.order = index));
    }
  }
}

function heightOf(column: readonly Slot[]): number {
  return column.reduce((sum, slot) => sum + (slot.node ? NODE.height : GAP.row) + GAP.row, -GAP.row);
}

function placed(slots: readonly Slot[], left: number): Placed[] {
  return slots.flatMap((slot) =>
    slot.node ? [{ ...slot.node, x: left + xOf(slot), y: slot.y - NODE.height / 2 }] : [],
  );
}

function xOf(slot: Slot): number {
  return slot.column * (NODE.width + GAP.column);
}

function pathThrough(through: readonly Slot[]): string {
  const [first, ...others] = through;
  if (!first) return "";
  let x = xOf(first) + NODE.width;
  let y = first.y;
  let path = `M${round(x)} ${round(y)}`;
  for (const slot of others) {
    const nextX = xOf(slot);
    const half = Math.max(GAP.column / 2, (nextX - x) / 2);
    path += ` C${round(x + half)} ${round(y)} ${round(nextX - half)} ${round(slot.y)} ${round(nextX)} ${round(slot.y)}`;
    x = nextX;
    y = slot.y;
    if (!slot.node) {
      x += NODE.width;
      path += ` H${round(x)}`;
    }
  }
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** All shifted so that it begins at the margin. */
function sized(nodes: readonly Placed[], routes: readonly Route[], lanes: readonly Lane[]): Drawing {
  const right = [...nodes.map((node) => node.x + NODE.width), ...lanes.map((lane) => lane.x + lane.width)];
  const bottom = [...nodes.map((node) => node.y + NODE.height), ...lanes.map((lane) => lane.y + lane.height)];
  return { nodes, routes, lanes, width: Math.max(0, ...right), height: Math.max(0, ...bottom) };
}
