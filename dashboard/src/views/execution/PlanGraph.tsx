import { type KeyboardEvent, memo, useEffect, useMemo, useRef } from "react";
import { Button, toneOf } from "../../ui";
import { graphOf, type PlanStep } from "./graph";
import { layOut, NODE, type Placed } from "./layout";
import type { ShownStep } from "./merge";
import { Sign, signOf, signPath } from "./signs";
import { neighbour } from "./viewport";
import { useViewport } from "./useViewport";

interface Props {
  steps: readonly PlanStep[];
  shown: ReadonlyMap<string, ShownStep>;
  selected: string | null;
  onSelect: (name: string) => void;
  /** What departments are called. */
  titles?: ReadonlyMap<string, string>;
}

/** The plan on paper: a click on a step tells more of it; the arrow keys go from step to step. */
export function PlanGraph({ steps, shown, selected, onSelect, titles }: Props) {
  const shape = JSON.stringify(
    steps.map((step) => [
      step.name,
      step.agent,
      step.after,
      step.needs,
      step.of,
      step.department,
      step.role,
      step.round,
    ]),
  );
  // Where steps stand changes with the plan alone, and not with each event.
  const drawing = useMemo(() => layOut(graphOf(steps)), [shape]);
  const box = useRef<HTMLDivElement>(null);
  const view = useViewport(box, drawing.width, drawing.height);
  const { x, y, k } = view.viewport;
  const held = drawing.nodes.some((node) => node.name === selected) ? selected : drawing.nodes[0]?.name;

  useEffect(() => {
    const node = drawing.nodes.find((one) => one.name === selected);
    if (node) view.reveal(node.x, node.y, NODE.width, NODE.height);
  }, [selected, drawing, view.reveal]);

  const keyed = (event: KeyboardEvent, name: string) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onSelect(name);
      return;
    }
    const boxes = drawing.nodes.map((node) => ({ ...node, ...NODE }));
    const next = neighbour(boxes, name, event.key);
    if (!next) return;
    event.preventDefault();
    const node = drawing.nodes.find((one) => one.name === next);
    if (node) view.reveal(node.x, node.y, NODE.width, NODE.height);
    box.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus({ preventScroll: true });
  };

  return (
    <div className="ex-graph-frame">
      <div
        ref={box}
        className={view.dragging ? "ex-graph dragging" : "ex-graph"}
        role="group"
        tabIndex={0}
        aria-label={`plan of ${drawing.nodes.length} steps; arrow keys move it, plus and minus zoom, 0 fits it`}
        onKeyDown={view.onKeyDown}
        onPointerDown={view.onPointerDown}
        style={{ minHeight: view.height }}
      >
        <svg aria-label="steps" role="list">
          <defs>
            <marker id="ex-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M1 1l6 3-6 3" className="ex-arrow" />
            </marker>
          </defs>
          <g transform={`translate(${x} ${y}) scale(${k})`}>
            {drawing.lanes.map((lane) => (
              <g key={lane.department} className="ex-lane">
                <rect x={lane.x} y={lane.y} width={lane.width} height={lane.height} rx={10} />
                <text x={lane.x + 14} y={lane.y + 17}>
                  {titles?.get(lane.department) ?? lane.department}
                </text>
              </g>
            ))}
            {drawing.routes.map((route) => (
              <path
                key={`${route.from}>${route.to}`}
                d={route.path}
                className={`ex-line${route.needed ? "" : " after"}${flows(shown.get(route.to)) ? " flows" : ""}`}
                markerEnd="url(#ex-arrow)"
              />
            ))}
            {drawing.nodes.map((node) => (
              <Node
                key={node.name}
                node={node}
                step={shown.get(node.name)}
                selected={node.name === selected}
                tabbable={node.name === held}
                onSelect={onSelect}
                onKeyDown={keyed}
              />
            ))}
          </g>
        </svg>
      </div>
      <div className="ex-graph-tools" role="group" aria-label="zoom">
        <Button kind="quiet" aria-label="zoom in" onClick={() => view.zoom(1.25)}>
          +
        </Button>
        <Button kind="quiet" aria-label="zoom out" onClick={() => view.zoom(0.8)}>
          −
        </Button>
        <Button kind="quiet" aria-label="fit the whole plan" onClick={view.fit}>
          <Sign name="fit" />
        </Button>
      </div>
    </div>
  );
}

interface NodeProps {
  node: Placed;
  step: ShownStep | undefined;
  selected: boolean;
  tabbable: boolean;
  onSelect: (name: string) => void;
  onKeyDown: (event: KeyboardEvent, name: string) => void;
}

const Node = memo(
  function Node({ node, step, selected, tabbable, onSelect, onKeyDown }: NodeProps) {
    const status = step?.status ?? "planned";
    const word = wordOf(step, status);
    const tone = toneOf(step?.review && status === "done" ? step.review : status);
    const score = step?.score ?? null;
    const name = node.department && node.name.includes("/") ? (node.name.split("/")[1] ?? node.name) : node.name;
    const beside =
      name === node.agent || node.round > 1 ? (node.round > 1 ? `round ${node.round}` : node.role) : node.agent;
    const about = [node.name, word, node.agent && `by ${node.agent}`, score !== null && `score ${Math.round(score)}`];
    return (
      <g
        role="listitem"
        data-node={node.name}
        tabIndex={tabbable ? 0 : -1}
        aria-current={selected || undefined}
        aria-label={about.filter(Boolean).join(", ")}
        className={`ex-node tone-${tone} status-${status}${selected ? " selected" : ""}`}
        transform={`translate(${node.x} ${node.y})`}
        onClick={() => onSelect(node.name)}
        onKeyDown={(event) => onKeyDown(event, node.name)}
      >
        <rect className="ex-node-box" width={NODE.width} height={NODE.height} rx={8} />
        <rect className="ex-node-edge" width={4} height={NODE.height - 16} x={0} y={8} rx={2} />
        <text className="ex-node-name" x={14} y={22}>
          {cut(name, 19)}
        </text>
        <g transform="translate(13 34) scale(0.86)" className={`ex-node-sign${status === "running" ? " beats" : ""}`}>
          <path
            d={signPath(signOf(step?.review === "revise" && status === "done" ? "revise" : status))}
            fill={status === "running" ? "currentColor" : "none"}
            stroke="currentColor"
            strokeWidth={1.8}
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </g>
        <text className="ex-node-word" x={31} y={45}>
          {word}
        </text>
        {score !== null ? (
          <text className="ex-node-score" x={NODE.width - 12} y={45} textAnchor="end">
            {Math.round(score)}
          </text>
        ) : (
          <text className="ex-node-agent" x={NODE.width - 12} y={45} textAnchor="end">
            {cut(beside, Math.floor((NODE.width - 48 - word.length * 7.4) / 6.6))}
          </text>
        )}
      </g>
    );
  },
  (one, other) =>
    one.node === other.node &&
    one.selected === other.selected &&
    one.tabbable === other.tabbable &&
    one.onSelect === other.onSelect &&
    sameStep(one.step, other.step),
);

function sameStep(one: ShownStep | undefined, other: ShownStep | undefined): boolean {
  return (
    one?.status === other?.status &&
    one?.score === other?.score &&
    one?.review === other?.review &&
    one?.attempt === other?.attempt
  );
}

function wordOf(step: ShownStep | undefined, status: string): string {
  if (step?.review && status === "done") return step.review;
  const word = status.replaceAll("_", " ");
  return step && step.attempt > 1 && status === "running" ? `${word} (${step.attempt})` : word;
}

function flows(to: ShownStep | undefined): boolean {
  return to?.status === "running";
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, Math.max(3, most - 1))}…` : text;
}
