/** One WebSocket that comes back. It knows nothing of what is said over it, but for pings. */
import type { ClientMessage, ServerMessage } from "./wire.ts";

/**
 * connecting: a socket is being opened. open: messages come. waiting: it was lost, and the next try is at `retryAt`.
 * closed: nobody wants it any more.
 */
export type StateName = "connecting" | "open" | "waiting" | "closed";

export interface ConnectionState {
  name: StateName;
  /** Milliseconds since 1970: when the last message came; null: none ever did. */
  heardAt: number | null;
  /** While waiting. */
  retryAt: number | null;
  /** Tries since it was open last. */
  tries: number;
}

export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface ConnectionOptions {
  /** Node before 22 has none unless it is started with --experimental-websocket. */
  WebSocket?: new (url: string) => SocketLike;
  /** Milliseconds: the first wait is at most this long, each next at most twice the last. */
  firstWait?: number;
  longestWait?: number;
  /** How often a ping is sent, and how long after it silence means that the socket is dead. */
  pingEvery?: number;
  silence?: number;
  random?: () => number;
}

interface Ears {
  opened: () => void;
  heard: (message: ServerMessage) => void;
  state: (state: ConnectionState) => void;
}

const OPEN = 1;
const NORMAL = 1000;

export class Connection {
  state: ConnectionState = { name: "connecting", heardAt: null, retryAt: null, tries: 0 };
  readonly #url: () => string;
  readonly #ears: Ears;
  readonly #options: Required<ConnectionOptions>;
  #socket: SocketLike | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(url: () => string, ears: Ears, options: ConnectionOptions = {}) {
    const WebSocket = options.WebSocket ?? (globalThis.WebSocket as ConnectionOptions["WebSocket"]);
    if (!WebSocket) throw new Error("there is no WebSocket here: Node 22 has one, Node 20.10 with --experimental-websocket");
    this.#url = url;
    this.#ears = ears;
    this.#options = {
      firstWait: 250,
      longestWait: 15_000,
      pingEvery: 20_000,
      silence: 10_000,
      random: Math.random,
      ...options,
      WebSocket,
    };
    this.#connect();
  }

  /** False: it is not open, and whatever was to be said has to be said again when it is. */
  send(message: ClientMessage): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Tries now, where the next try is waited for. */
  retryNow(): void {
    if (this.state.name === "waiting") this.#connect();
  }

  close(): void {
    this.#leave(NORMAL, "the client is done");
    clearTimeout(this.#retry);
    this.#become({ name: "closed", retryAt: null });
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#become({ name: "connecting", retryAt: null });
    const socket = new this.#options.WebSocket(this.#url());
    this.#socket = socket;
    // A connection that is neither made nor refused would hang for as long as the system likes.
    this.#patience = setTimeout(() => this.#lost(), this.#options.silence);
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: { data: unknown }) => this.#heard(event.data);
    socket.onclose = () => this.#lost();
    socket.onerror = () => undefined; // a close always follows, and says no less
  }

  #opened(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#pings = setInterval(() => this.#ping(), this.#options.pingEvery);
    this.#become({ name: "open", retryAt: null, heardAt: Date.now(), tries: 0 });
    this.#ears.opened();
  }

  #heard(data: unknown): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.state = { ...this.state, heardAt: Date.now() };
    const message = parsed(data);
    if (message?.type === "ping") this.send({ type: "pong" });
    else if (message) this.#ears.heard(message);
  }

  #ping(): void {
    this.send({ type: "ping" });
    this.#patience ??= setTimeout(() => this.#lost(), this.#options.silence);
  }

  #lost(): void {
    if (this.state.name === "closed") return;
    this.#leave(NORMAL, "nothing came any more");
    const { firstWait, longestWait, random } = this.#options;
    const most = Math.min(longestWait, firstWait * 2 ** Math.min(this.state.tries, 20));
    // Between half of it and all, so that a thousand clients of a restarted server do not come back at once.
    const wait = most * (0.5 + random() / 2);
    this.#become({ name: "waiting", retryAt: Date.now() + wait, tries: this.state.tries + 1 });
    this.#retry = setTimeout(() => this.#connect(), wait);
  }

  #leave(code: number, reason: string): void {
    clearInterval(this.#pings);
    clearTimeout(this.#patience);
    this.#patience = undefined;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => undefined;
    socket.close(code, reason);
  }

  #become(change: Partial<ConnectionState>): void {
    this.state = { ...this.state, ...change };
    this.#ears.state(this.state);
  }
}

function parsed(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null && "type" in message ? (message as ServerMessage) : null;
  } catch {
    return null; // of a proxy between: the silence that follows tells
  }
}
