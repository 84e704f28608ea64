import { Channel, type Watcher } from "./channel.ts";
import { Connection, type ConnectionOptions, type ConnectionState } from "./connection.ts";
import type { Area, LiveEvent } from "./events.ts";
import { type ClientMessage, type Filter, filterOf, LiveError, type ServerMessage, type Subscribe } from "./wire.ts";

export interface LiveOptions extends ConnectionOptions {
  /** Where the platform is: "http://127.0.0.1:3004"; without it, the page's own origin. */
  base?: string;
  /** As for the Api. A browser can send it in the address alone: the platform never writes it down. */
  token?: () => string | null | undefined;
}

export interface Overview {
  changed: readonly Area[];
  /** Reads with wait_for=position see all of it. */
  position: number;
}

export interface ConversationWatcher extends Filter {
  /** 0: each execution from its beginning. Without: what comes from now on. */
  after?: 0;
  onEvent: (event: LiveEvent) => void;
  onError?: (error: LiveError) => void;
}

export interface ReplayWatcher extends Filter {
  /** How many times as fast as it was: 1 to 1000; 0: as fast as events are taken. */
  speed: number;
  after?: number;
  onEvent: (event: LiveEvent) => void;
  onEnd?: (sequence: number) => void;
  onError?: (error: LiveError) => void;
}

type Stop = () => void;

/** A message has at most 16 KiB: above so many, all is told again, and what is known is left out here. */
const MOST_PLACES = 200;
/** What may go another time; how long until it is tried again, in milliseconds. */
const PASSING: ReadonlySet<string> = new Set(["unavailable", "flooded"]);
const PATIENCE = 2000;

const IDLE: ConnectionState = { name: "connecting", heardAt: null, retryAt: null, tries: 0 };

/**
 * Live events over one socket that comes back by itself and goes on where it was: each watcher has each event once, in
 * order. It connects with the first that is to be watched, and ends with close().
 */
export class LiveSocket {
  readonly #url: () => string;
  readonly #options: ConnectionOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #overviews = new Set<(overview: Overview) => void>();
  readonly #listeners = new Set<() => void>();
  readonly #others = new Set<Stop>();
  readonly #asked = new Map<number, string>();
  #connection: Connection | null = null;
  #state = IDLE;
  #refs = 0;

  constructor({ base = "", token = () => null, ...options }: LiveOptions = {}) {
    const from = base || globalThis.location?.href;
    if (!from) throw new Error("base is needed where there is no page: http://127.0.0.1:3004");
    const url = new URL("/ws/events", from);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#url = () => {
      const key = token();
      return key ? `${url.href}?token=${encodeURIComponent(key)}` : url.href;
    };
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Told after each change of `state`. */
  onState(listener: () => void): Stop {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(executionId: string, watcher: Watcher): Stop {
    let channel = this.#channels.get(executionId);
    if (!channel) this.#channels.set(executionId, (channel = new Channel(executionId)));
    const remove = channel.add(watcher);
    this.#subscribe(executionId);
    return () => {
      remove();
      if (!channel.empty || this.#channels.get(executionId) !== channel) return;
      this.#channels.delete(executionId);
      this.#send({ type: "unsubscribe", executionId });
    };
  }

  /** All executions of a conversation, those to come too, over a socket of its own. */
  conversation(conversationId: string, { after, onEvent, onError, ...filter }: ConversationWatcher): Stop {
    const places = new Map<string, number>();
    let known = after !== undefined;
    const subscribe = (): Subscribe => {
      const from = places.size > MOST_PLACES ? 0 : Object.fromEntries(places);
      return { type: "subscribe", conversationId, ref: 0, ...(known && { after: from }), ...filterOf(filter) };
    };
    return this.#apart(subscribe, (message, stop) => {
      if (message.type === "subscribed") {
        known = true;
        for (const [id, sequence] of Object.entries(message.executions ?? {})) if (!places.has(id)) places.set(id, sequence);
      } else if (message.type === "event" && message.sequence > (places.get(message.executionId) ?? 0)) {
        places.set(message.executionId, message.sequence);
        onEvent(message.event);
      } else if (message.type === "error") {
        stop();
        onError?.(new LiveError(message.code, message.message));
      }
    });
  }

  /** What has happened, with its own pauses divided by speed, over a socket of its own; onEnd after its last event. */
  replay(executionId: string, { speed, after = 0, onEvent, onEnd, onError, ...filter }: ReplayWatcher): Stop {
    let last = after;
    const subscribe = (): Subscribe => {
      return { type: "subscribe", executionId, after: last, replay: { speed }, ref: 0, ...filterOf(filter) };
    };
    return this.#apart(subscribe, (message, stop) => {
      if (message.type === "event" && message.sequence > last) {
        last = message.sequence;
        onEvent(message.event);
      } else if (message.type === "replayed") {
        stop();
        onEnd?.(message.sequence);
      } else if (message.type === "error") {
        stop();
        onError?.(new LiveError(message.code, message.message));
      }
    });
  }

  /** Told at once of everything, then of what changes, at most a few times a second; of everything after each reconnect. */
  overview(onChange: (overview: Overview) => void): Stop {
    this.#overviews.add(onChange);
    // Also where others have it: who comes later is told of everything too.
    this.#send({ type: "subscribe", topic: "overview", ref: this.#ref("") });
    return () => {
      this.#overviews.delete(onChange);
      if (this.#overviews.size === 0) this.#send({ type: "unsubscribe", topic: "overview" });
    };
  }

  /** Tries now, where the next try is waited for. */
  retryNow(): void {
    this.#connection?.retryNow();
  }

  close(): void {
    for (const stop of [...this.#others]) stop();
    this.#connection?.close();
    this.#connection = null;
    this.#channels.clear();
    this.#overviews.clear();
  }

  /** A server tells events by execution alone: what is told otherwise must not come between. */
  #apart(subscribe: () => Subscribe, take: (message: ServerMessage, stop: Stop) => void): Stop {
    const connection = new Connection(
      this.#url,
      {
        opened: () => connection.send(subscribe()),
        heard: (message) => {
          if (message.type === "lagging") connection.send(subscribe());
          else if (message.type === "error" && PASSING.has(message.code)) setTimeout(() => connection.send(subscribe()), PATIENCE);
          else take(message, stop);
        },
        state: () => undefined,
      },
      this.#options,
    );
    const stop = (): void => {
      this.#others.delete(stop);
      connection.close();
    };
    this.#others.add(stop);
    return stop;
  }

  #subscribe(executionId: string): void {
    const channel = this.#channels.get(executionId);
    if (channel && !channel.empty) this.#send(channel.subscribe(this.#ref(executionId)));
  }

  #ref(executionId: string): number {
    this.#asked.set(++this.#refs, executionId);
    return this.#refs;
  }

  /** What cannot be sent now is not kept: all that is watched is asked for again when the socket opens. */
  #send(message: ClientMessage): void {
    if (this.#connection) {
      this.#connection.send(message);
      return;
    }
    if (message.type !== "subscribe") return;
    const ears = {
      opened: () => this.#opened(),
      heard: (told: ServerMessage) => this.#heard(told),
      state: (state: ConnectionState) => {
        this.#state = state;
        if (state.name !== "open") for (const channel of this.#channels.values()) channel.lost();
        for (const listener of [...this.#listeners]) listener();
      },
    };
    this.#connection = new Connection(this.#url, ears, this.#options);
  }

  #opened(): void {
    this.#asked.clear();
    if (this.#overviews.size > 0) this.#send({ type: "subscribe", topic: "overview", ref: this.#ref("") });
    for (const executionId of this.#channels.keys()) this.#subscribe(executionId);
  }

  #heard(message: ServerMessage): void {
    switch (message.type) {
      case "overview":
        for (const told of [...this.#overviews]) told({ changed: message.changed, position: message.position });
        break;
      case "subscribed":
        if (message.ref !== undefined) this.#asked.delete(message.ref);
        if (message.executionId && this.#channels.get(message.executionId)?.subscribed(message.ref, message.sequence) === false)
          this.#subscribe(message.executionId);
        break;
      case "event":
        if (this.#channels.get(message.executionId)?.take(message.event) === false) this.#subscribe(message.executionId);
        break;
      case "lagging":
        this.#channels.get(message.executionId)?.lagging(message.resumeAfter);
        this.#subscribe(message.executionId);
        break;
      case "error":
        this.#refused(message.ref, new LiveError(message.code, message.message));
    }
  }

  #refused(ref: number | undefined, error: LiveError): void {
    const executionId = ref === undefined ? "" : (this.#asked.get(ref) ?? "");
    if (PASSING.has(error.code)) {
      // What was ignored in a flood has no ref: all that is not answered yet is asked again.
      const again = ref === undefined ? new Set(this.#asked.values()) : [executionId];
      setTimeout(() => again.forEach((id) => this.#subscribe(id)), PATIENCE);
      return;
    }
    const channel = this.#channels.get(executionId);
    this.#channels.delete(executionId);
    channel?.refused(error);
  }
}
