/** Sockets that a test opens, feeds and cuts by hand. */
import type { SocketLike } from "../src/client/connection.ts";
import type { LiveEvent } from "../src/client/events.ts";
import type { ClientMessage, ServerMessage, Subscribe } from "../src/client/wire.ts";

export class HandSocket implements SocketLike {
  static all: HandSocket[] = [];
  static get newest(): HandSocket {
    const found = HandSocket.all.at(-1);
    if (!found) throw new Error("no socket was opened");
    return found;
  }

  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readyState = 0;
  readonly said: ClientMessage[] = [];

  constructor(readonly url: string) {
    HandSocket.all.push(this);
  }

  send(text: string): void {
    this.said.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.readyState = 3;
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.({} as never);
  }

  cut(): void {
    this.readyState = 3;
    this.onclose?.({} as never);
  }

  tell(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) } as never);
  }

  tellRaw(data: unknown): void {
    this.onmessage?.({ data } as never);
  }

  /** The newest subscription that was asked for. */
  get asked(): Subscribe {
    const found = this.said.findLast((message) => message.type === "subscribe");
    if (!found) throw new Error("nothing was subscribed");
    return found as Subscribe;
  }

  /** Answers it as the server does: with the place that it begins behind. */
  begin(newest: number): void {
    const { executionId, after, ref } = this.asked;
    const sequence = typeof after === "number" ? after : newest;
    this.tell({ type: "subscribed", ...(executionId && { executionId }), sequence, ref });
  }
}

export function eventOf(sequence: number, about: Partial<LiveEvent> = {}): LiveEvent {
  return {
    type: "agent-thinking",
    executionId: "x",
    conversationId: "",
    agentId: "a",
    department: "",
    sequence,
    timestamp: "2026-11-22T10:00:00Z",
    traceId: "",
    step: "s",
    text: `thought ${sequence}`,
    runId: "r",
    dropped: 0,
    ...about,
  } as LiveEvent;
}

export function told(sequence: number, about: Partial<LiveEvent> = {}): ServerMessage {
  const event = eventOf(sequence, about);
  return { type: "event", executionId: event.executionId, sequence, event };
}
