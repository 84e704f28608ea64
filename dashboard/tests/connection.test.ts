import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection, type ConnectionState } from "../src/client/connection.ts";
import type { ServerMessage } from "../src/client/wire.ts";
import { HandSocket } from "./sockets.ts";

let states: ConnectionState[] = [];
let heard: ServerMessage[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  HandSocket.all = [];
  states = [];
  heard = [];
});

afterEach(() => {
  vi.useRealTimers();
});

function connected(random = () => 1) {
  return new Connection(
    () => "ws://platform/ws/events",
    { opened: () => undefined, heard: (message) => heard.push(message), state: (state) => states.push(state) },
    { WebSocket: HandSocket, random, firstWait: 100, longestWait: 1000, pingEvery: 20_000, silence: 10_000 },
  );
}

test("waits double up to the longest, and begin anew once it was open", () => {
  const connection = connected();
  const waits: number[] = [];
  for (let loss = 0; loss < 6; loss++) {
    HandSocket.newest.cut();
    waits.push((connection.state.retryAt ?? 0) - Date.now());
    vi.advanceTimersToNextTimer();
  }
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
  HandSocket.newest.accept();
  HandSocket.newest.cut();
  expect((connection.state.retryAt ?? 0) - Date.now()).toBe(100);
});

test("waits are spread, so that not all come back at once", () => {
  const early = connected(() => 0);
  HandSocket.newest.cut();
  expect((early.state.retryAt ?? 0) - Date.now()).toBe(50);
});

test("a socket that answers no ping is given up and opened again", () => {
  const connection = connected();
  HandSocket.newest.accept();
  vi.advanceTimersByTime(20_000);
  expect(HandSocket.newest.said).toEqual([{ type: "ping" }]);
  vi.advanceTimersByTime(10_000);
  expect(connection.state.name).toBe("waiting");
  vi.advanceTimersToNextTimer();
  expect(HandSocket.all).toHaveLength(2);
});

test("any message is life", () => {
  const connection = connected();
  HandSocket.newest.accept();
  for (let minute = 0; minute < 10; minute++) {
    vi.advanceTimersByTime(20_000);
    HandSocket.newest.tell({ type: "pong" });
  }
  expect(connection.state.name).toBe("open");
  expect(HandSocket.all).toHaveLength(1);
});

test("a connection that is neither made nor refused is given up", () => {
  const connection = connected();
  vi.advanceTimersByTime(10_000);
  expect(connection.state.name).toBe("waiting");
});

test("a ping of the server is answered", () => {
  connected();
  HandSocket.newest.accept();
  HandSocket.newest.tell({ type: "ping" });
  expect(HandSocket.newest.said).toEqual([{ type: "pong" }]);
  expect(heard).toEqual([]);
});

test("what is no message of the platform is passed over", () => {
  connected();
  HandSocket.newest.accept();
  for (const data of ["<html>", "[]", "null", "7", new ArrayBuffer(2), "{}"]) HandSocket.newest.tellRaw(data);
  HandSocket.newest.tell({ type: "pong" });
  expect(heard).toEqual([{ type: "pong" }]);
});

test("it can be told to try now, and nothing comes once it is closed", () => {
  const connection = connected();
  HandSocket.newest.cut();
  connection.retryNow();
  expect(HandSocket.all).toHaveLength(2);
  connection.close();
  vi.advanceTimersByTime(60_000);
  expect(HandSocket.all).toHaveLength(2);
  expect(connection.state.name).toBe("closed");
  expect(states.map(({ name }) => name)).toEqual(["connecting", "waiting", "connecting", "closed"]);
});
