import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveError } from "../src/client/wire.ts";
import { LiveSocket } from "../src/client/socket.ts";
import { HandSocket, told } from "./sockets.ts";

let socket: LiveSocket;

beforeEach(() => {
  vi.useFakeTimers();
  HandSocket.all = [];
  socket = new LiveSocket({ base: "http://platform:3004", WebSocket: HandSocket, random: () => 0 });
});

afterEach(() => {
  socket.close();
  vi.useRealTimers();
});

function watching(after?: number, filter: object = {}) {
  const seen: number[] = [];
  const errors: LiveError[] = [];
  const begun: number[] = [];
  const stop = socket.watch("x", {
    after,
    ...filter,
    onEvent: ({ sequence }) => seen.push(sequence),
    onSubscribed: (sequence) => begun.push(sequence),
    onError: (error) => errors.push(error),
  });
  return { seen, errors, begun, stop };
}

describe("one watcher", () => {
  test("a socket is opened with the first watcher, at the path of live events", () => {
    expect(HandSocket.all).toHaveLength(0);
    watching(0);
    expect(HandSocket.newest.url).toBe("ws://platform:3004/ws/events");
  });

  test("a key goes with the address, the one that is kept when it connects", () => {
    let key = "";
    const keyed = new LiveSocket({ base: "https://platform", token: () => key, WebSocket: HandSocket });
    key = "rvl_a.b+c";
    keyed.watch("e", { onEvent: () => undefined });
    expect(HandSocket.newest.url).toBe("wss://platform/ws/events?token=rvl_a.b%2Bc");
    keyed.close();
  });

  test("whoever names no sequence is told what comes, and goes on behind it after a loss", () => {
    const { seen } = watching();
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked).not.toHaveProperty("after");
    HandSocket.newest.begin(7);
    HandSocket.newest.tell(told(8));
    HandSocket.newest.cut();
    vi.advanceTimersByTime(1000);
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked.after).toBe(8);
    HandSocket.newest.begin(9);
    HandSocket.newest.tell(told(8));
    HandSocket.newest.tell(told(9));
    expect(seen).toEqual([8, 9]);
  });

  test("a loss before the first event does not lose what comes meanwhile", () => {
    const { seen } = watching();
    HandSocket.newest.accept();
    HandSocket.newest.begin(7);
    HandSocket.newest.cut();
    vi.advanceTimersByTime(1000);
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked.after).toBe(7);
    HandSocket.newest.begin(8);
    HandSocket.newest.tell(told(8));
    expect(seen).toEqual([8]);
  });

  test("a hole is asked for again, from where it begins, and told once it is filled", () => {
    const { seen } = watching(0);
    HandSocket.newest.accept();
    HandSocket.newest.begin(3);
    HandSocket.newest.tell(told(1));
    HandSocket.newest.tell(told(3));
    expect(HandSocket.newest.asked.after).toBe(1);
    HandSocket.newest.begin(3);
    HandSocket.newest.tell(told(2));
    HandSocket.newest.tell(told(3));
    expect(seen).toEqual([1, 2, 3]);
  });

  test("whoever lags subscribes again behind what he has", () => {
    const { seen } = watching(0);
    HandSocket.newest.accept();
    HandSocket.newest.begin(0);
    HandSocket.newest.tell(told(1));
    HandSocket.newest.tell({ type: "lagging", executionId: "x", resumeAfter: 1 });
    expect(HandSocket.newest.said.filter(({ type }) => type === "subscribe")).toHaveLength(2);
    expect(HandSocket.newest.asked.after).toBe(1);
    HandSocket.newest.begin(2);
    HandSocket.newest.tell(told(2));
    expect(seen).toEqual([1, 2]);
  });

  test("an execution that is not there is an error, and is not asked for again", () => {
    const { errors } = watching(0);
    HandSocket.newest.accept();
    const { ref } = HandSocket.newest.asked;
    HandSocket.newest.tell({ type: "error", code: "unknown_execution", message: "no execution x", ref });
    expect(errors.map(({ code }) => code)).toEqual(["unknown_execution"]);
    HandSocket.newest.cut();
    vi.advanceTimersByTime(1000);
    HandSocket.newest.accept();
    expect(HandSocket.newest.said).toEqual([]);
  });

  test("what is away for now is asked for again", () => {
    const { errors } = watching(0);
    HandSocket.newest.accept();
    const { ref } = HandSocket.newest.asked;
    HandSocket.newest.tell({ type: "error", code: "unavailable", message: "later", ref });
    vi.advanceTimersByTime(5000);
    expect(HandSocket.newest.asked.ref).not.toBe(ref);
    expect(errors).toEqual([]);
  });

  test("nothing comes any more once nobody watches", () => {
    const { seen, stop } = watching(0);
    HandSocket.newest.accept();
    HandSocket.newest.begin(0);
    stop();
    expect(HandSocket.newest.said.at(-1)).toEqual({ type: "unsubscribe", executionId: "x" });
    HandSocket.newest.tell(told(1));
    expect(seen).toEqual([]);
  });
});

describe("several watchers of one execution", () => {
  test("each has its own place, whoever comes first", () => {
    const live = watching();
    HandSocket.newest.accept();
    HandSocket.newest.begin(5);
    HandSocket.newest.tell(told(6));
    const whole = watching(0);
    expect(HandSocket.newest.asked.after).toBe(0);
    // Still of the subscription before: it is not the first event of who wants all.
    HandSocket.newest.tell(told(7));
    HandSocket.newest.begin(7);
    for (let sequence = 1; sequence <= 8; sequence++) HandSocket.newest.tell(told(sequence));
    expect(whole.seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(live.seen).toEqual([6, 7, 8]);
  });

  test("who wants only what comes gets no history that another one asks for", () => {
    const whole = watching(0);
    HandSocket.newest.accept();
    HandSocket.newest.begin(3);
    HandSocket.newest.tell(told(1));
    const live = watching();
    expect(HandSocket.newest.asked).not.toHaveProperty("after");
    HandSocket.newest.tell(told(2));
    HandSocket.newest.begin(3);
    expect(HandSocket.newest.asked.after).toBe(1);
    HandSocket.newest.begin(3);
    for (const sequence of [2, 3, 4]) HandSocket.newest.tell(told(sequence));
    expect(whole.seen).toEqual([1, 2, 3, 4]);
    expect(live.seen).toEqual([4]);
  });

  test("filters are joined on the wire and kept apart here", () => {
    const tools = watching(0, { types: ["tool-call"] });
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked.types).toEqual(["tool-call"]);
    const thoughts = watching(0, { types: ["agent-thinking"] });
    expect(HandSocket.newest.asked.types).toEqual(["tool-call", "agent-thinking"]);
    HandSocket.newest.begin(2);
    HandSocket.newest.tell(told(1, { type: "tool-call" }));
    HandSocket.newest.tell(told(4));
    expect(tools.seen).toEqual([1]);
    expect(thoughts.seen).toEqual([4]);
    const all = watching(0);
    expect(HandSocket.newest.asked).not.toHaveProperty("types");
    all.stop();
  });

  test("with a filter a gap is no hole", () => {
    const { seen } = watching(0, { agents: ["a"] });
    HandSocket.newest.accept();
    HandSocket.newest.begin(0);
    HandSocket.newest.tell(told(4));
    HandSocket.newest.tell(told(9));
    expect(seen).toEqual([4, 9]);
    expect(HandSocket.newest.said.filter(({ type }) => type === "subscribe")).toHaveLength(1);
  });
});

describe("a conversation", () => {
  test("goes on in each of its executions where it was, also in those that began meanwhile", () => {
    const seen: string[] = [];
    socket.conversation("c", { onEvent: ({ executionId, sequence }) => seen.push(`${executionId}${sequence}`) });
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked).not.toHaveProperty("after");
    HandSocket.newest.tell({ type: "subscribed", conversationId: "c", sequence: 0, executions: { x: 3 }, ref: 0 });
    HandSocket.newest.tell(told(4));
    HandSocket.newest.tell(told(1, { executionId: "y" }));
    HandSocket.newest.cut();
    vi.advanceTimersByTime(1000);
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked.after).toEqual({ x: 4, y: 1 });
    HandSocket.newest.tell(told(4));
    HandSocket.newest.tell(told(5));
    HandSocket.newest.tell(told(1, { executionId: "z" }));
    expect(seen).toEqual(["x4", "y1", "x5", "z1"]);
  });
});

describe("a replay", () => {
  test("comes over a socket of its own, goes on after a loss, and ends", () => {
    const live = watching(0);
    const seen: number[] = [];
    const ends: number[] = [];
    socket.replay("x", { speed: 10, onEvent: ({ sequence }) => seen.push(sequence), onEnd: (last) => ends.push(last) });
    expect(HandSocket.all).toHaveLength(2);
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked.replay).toEqual({ speed: 10 });
    HandSocket.newest.tell(told(1));
    HandSocket.newest.cut();
    vi.advanceTimersByTime(1000);
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked.after).toBe(1);
    HandSocket.newest.tell(told(2));
    HandSocket.newest.tell({ type: "replayed", executionId: "x", sequence: 2 });
    expect(seen).toEqual([1, 2]);
    expect(ends).toEqual([2]);
    expect(HandSocket.newest.readyState).toBe(3);
    expect(live.seen).toEqual([]);
  });
});

describe("the overview", () => {
  test("is subscribed again after a loss, and tells whoever comes later", () => {
    const first: number[] = [];
    socket.overview(({ position }) => first.push(position));
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked.topic).toBe("overview");
    HandSocket.newest.tell({ type: "overview", changed: ["agents"], position: 12 });
    HandSocket.newest.cut();
    vi.advanceTimersByTime(1000);
    HandSocket.newest.accept();
    expect(HandSocket.newest.asked.topic).toBe("overview");
    HandSocket.newest.tell({ type: "overview", changed: ["agents"], position: 15 });
    expect(first).toEqual([12, 15]);
  });
});
