import { type ComponentType, lazy, type LazyExoticComponent } from "react";
import { Approvals } from "../views/approvals/Approvals";
import { DeadLetters } from "../views/deadletters/DeadLetters";
import { Executions } from "../views/executions/Executions";
import { Fleet } from "../views/fleet/Fleet";
import { Health } from "../views/health/Health";
import { Signals } from "../views/signals/Signals";
import type { ViewProps } from "./view";

type View = ComponentType<ViewProps> | LazyExoticComponent<ComponentType<ViewProps>>;

export interface RouteEntry {
  /** `#/<name>` */
  name: string;
  title: string;
  /** After `g`. */
  key: string;
  /** Paths within 20 by 20. */
  icon: string;
  view: View;
  /** Of `#/<name>/<id>`, where it is another one. */
  one?: View;
  /** Stands in the bar of a phone; the others are behind "More". */
  first?: boolean;
}

/** All views, in the order of the navigation. */
export const routes: readonly RouteEntry[] = [
  {
    name: "fleet",
    title: "Fleet",
    key: "f",
    icon: "M3 6.5 10 3l7 3.5L10 10zM3 10l7 3.5L17 10M3 13.5 10 17l7-3.5",
    view: Fleet,
    first: true,
  },
  {
    name: "executions",
    title: "Executions",
    key: "e",
    icon: "M4 5h4v4H4zM12 11h4v4h-4zM6 9v4h6M8 7h6v4",
    view: Executions,
    one: later(async () => (await import("../views/execution/Execution")).Execution),
    first: true,
  },
  {
    name: "parties",
    title: "Parties",
    key: "p",
    icon: "M5 17 8.5 7.5l4 4zM12 8c0-2 1-3.5 3-4M13.5 10c1.5-.8 2.8-.8 4 0M10 4.5h.01M16 13.5h.01",
    view: later(async () => (await import("../views/parties/Parties")).Parties),
    one: later(async () => (await import("../views/parties/Party")).Party),
    first: true,
  },
  {
    name: "approvals",
    title: "Approvals",
    key: "a",
    icon: "M4 10.5 8 14.5 16.5 5.5",
    view: Approvals,
    first: true,
  },
  {
    name: "signals",
    title: "Signals",
    key: "s",
    icon: "M10 10h.01M6.5 13.5a5 5 0 0 1 0-7M13.5 6.5a5 5 0 0 1 0 7M4 16a8.5 8.5 0 0 1 0-12M16 4a8.5 8.5 0 0 1 0 12",
    view: Signals,
  },
  {
    name: "deadletters",
    title: "Dead letters",
    key: "d",
    icon: "M3 5h14v10H3zM3 5.5l7 5.5 7-5.5",
    view: DeadLetters,
  },
  {
    name: "analytics",
    title: "Analytics",
    key: "n",
    icon: "M3 17h14M5 14V9M9 14V5M13 14v-3M17 14V7",
    view: later(async () => (await import("../views/analytics/Analytics")).Analytics),
  },
  {
    name: "health",
    title: "Health",
    key: "h",
    icon: "M2.5 10.5h3.5l2-5 3.5 9 2-4h4",
    view: Health,
  },
];

export const HOME = "fleet";

/** Loaded when it is first looked at. */
export function later(load: () => Promise<ComponentType<ViewProps>>): View {
  return lazy(async () => ({ default: await load() }));
}
