/** What goes over /ws/events, both ways. */
import type { Area, EventType, LiveEvent } from "./events.ts";

/** What somebody wants to see of an execution; without a list, or with an empty one, all. */
export interface Filter {
  types?: readonly EventType[] | undefined;
  agents?: readonly string[] | undefined;
  departments?: readonly string[] | undefined;
}

export interface Subscribe extends Filter {
  type: "subscribe";
  executionId?: string;
  conversationId?: string;
  after?: number | Record<string, number>;
  topic?: "overview";
  replay?: { speed: number };
  ref: number;
}

export interface Unsubscribe {
  type: "unsubscribe";
  executionId?: string;
  topic?: "overview";
}

export type ClientMessage = Subscribe | Unsubscribe | { type: "ping" } | { type: "pong" };

export type ServerMessage =
  | {
      type: "subscribed";
      executionId?: string;
      conversationId?: string;
      topic?: "overview";
      sequence: number;
      /** Of a conversation: the sequence behind which each begins. */
      executions?: Record<string, number>;
      ref?: number;
    }
  | { type: "unsubscribed"; executionId?: string; conversationId?: string }
  | { type: "event"; executionId: string; sequence: number; event: LiveEvent; replay?: boolean }
  | { type: "lagging"; executionId: string; resumeAfter: number }
  | { type: "replayed"; executionId: string; sequence: number; ref?: number }
  | { type: "overview"; changed: Area[]; position: number }
  | { type: "error"; code: string; message: string; ref?: number }
  | { type: "ping" }
  | { type: "pong" };

/** The server's word that something cannot be watched, or not so. */
export class LiveError extends Error {
  override readonly name = "LiveError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function passes(event: LiveEvent, filter: Filter): boolean {
  return (
    has(filter.types, event.type) && has(filter.agents, event.agentId) && has(filter.departments, event.department)
  );
}

/** The smallest filter that lets through what either does. */
export function union(one: Filter, other: Filter): Filter {
  return {
    types: both(one.types, other.types),
    agents: both(one.agents, other.agents),
    departments: both(one.departments, other.departments),
  };
}

/** Without the lists that keep nothing back. */
export function filterOf({ types, agents, departments }: Filter): Filter {
  return {
    ...(types?.length && { types }),
    ...(agents?.length && { agents }),
    ...(departments?.length && { departments }),
  };
}

export function filters(filter: Filter): boolean {
  return Boolean(filter.types?.length || filter.agents?.length || filter.departments?.length);
}

function has<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return !wanted?.length || wanted.includes(value);
}

function both<T>(one: readonly T[] | undefined, other: readonly T[] | undefined): readonly T[] | undefined {
  return one?.length && other?.length ? [...new Set([...one, ...other])] : undefined;
}
