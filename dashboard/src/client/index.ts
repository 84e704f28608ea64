/** Reveille from TypeScript: its REST API, and what happens, live. Nothing here needs a browser or React. */
export type { Watcher } from "./channel.ts";
export type { ConnectionState, SocketLike, StateName } from "./connection.ts";
export type { Changed } from "./changes.ts";
export * from "./events.ts";
export { type Problem, ProblemError } from "./problem.ts";
export type { Read } from "./reading.ts";
export { type Answer, Api, type ApiOptions, type Ask, type Query } from "./rest.ts";
export { type ConversationWatcher, type LiveOptions, LiveSocket, type Overview, type ReplayWatcher } from "./socket.ts";
export * from "./types.ts";
export { type Filter, LiveError } from "./wire.ts";
