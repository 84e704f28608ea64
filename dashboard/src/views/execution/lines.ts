// Live events as lines of a timeline: what each says in one sentence, and which of them somebody wants to see.

import { type EventType, isReference, type LiveEvent } from "../../client/events";
import type { Tone } from "../../ui/Badge";
import type { SignName } from "./signs";

export interface Line {
  sign: SignName;
  tone: Tone;
  text: string;
}

/** The sign tells events apart where colours do not. */
export function lineOf(event: LiveEvent): Line {
  switch (event.type) {
    case "orchestration-start":
      return { sign: "play", tone: "info", text: `begins${event.userPrompt ? `: ${event.userPrompt}` : ""}` };
    case "orchestration-complete":
      return ended(
        event.status || "completed",
        `${event.status || "completed"}${summaryOf(event.result, event.error)}`,
      );
    case "department-start":
      return {
        sign: "department",
        tone: "info",
        text: `${event.departmentName} is woken, relevance ${percent(event.relevance)}`,
      };
    case "department-complete": {
      const score = event.qualityScore === undefined ? "" : `, quality ${Math.round(event.qualityScore)}`;
      const text = `${event.department ?? "department"} is ${event.status || "done"}${score}`;
      return { ...ended(event.status || "completed", text), sign: "department" };
    }
    case "agent-start":
      return { sign: "start", tone: "info", text: `starts${on(event.step)}${nth("attempt", event.attempt)}` };
    case "agent-thinking":
      return { sign: "thought", tone: "idle", text: `${event.text}${dropped(event.dropped)}` };
    case "agent-complete":
      return ended(
        event.status || "completed",
        (event.status === "completed" ? "is done" : event.status) + on(event.step) + summaryOf(event.output, event.error),
      );
    case "tool-call":
      return { sign: "tool", tone: "idle", text: `calls ${event.toolName}${argumentsOf(event.arguments)}` };
    case "tool-result":
      return event.error
        ? { sign: "failed", tone: "bad", text: `${event.toolName} failed: ${event.error}` }
        : { sign: "tool", tone: "ok", text: `${event.toolName} answered${summaryOf(event.result)}` };
    case "quality-check": {
      const reasons = event.reasons?.length ? `: ${event.reasons.join("; ")}` : "";
      const word = event.passed ? "passed" : "fell short";
      const text = `${word} with ${Math.round(event.score ?? 0)} of 100${on(event.step)}${reasons}`;
      return { sign: event.passed ? "done" : "short", tone: event.passed ? "ok" : "warn", text };
    }
    case "review-status": {
      const notes = event.notes ? `: ${event.notes}` : "";
      const text = `${event.status}${on(event.step)}${nth("round", event.round)}${notes}`;
      if (event.status === "approved") return { sign: "done", tone: "ok", text };
      return event.status === "revise" ? { sign: "again", tone: "warn", text } : { sign: "failed", tone: "bad", text };
    }
    default:
      return { sign: "unknown", tone: "idle", text: (event as { type: string }).type };
  }
}

/** The tone of its line, without writing the line. */
export function toneOf(event: LiveEvent): Tone {
  switch (event.type) {
    case "orchestration-start":
    case "department-start":
    case "agent-start":
      return "info";
    case "agent-thinking":
    case "tool-call":
      return "idle";
    case "tool-result":
      return event.error ? "bad" : "ok";
    case "quality-check":
      return event.passed ? "ok" : "warn";
    case "review-status":
      return event.status === "approved" ? "ok" : event.status === "revise" ? "warn" : "bad";
    case "orchestration-complete":
    case "department-complete":
    case "agent-complete":
      return ended(event.status || "completed", "").tone;
    default:
      return "idle";
  }
}

export interface Wanted {
  /** "" and nothing: all. */
  type: EventType | "";
  agent: string;
  department: string;
  text: string;
}

export const EVERYTHING: Wanted = { type: "", agent: "", department: "", text: "" };

/** The places of the wanted events among the first `count`; null: all are wanted. */
export function wantedOf(events: readonly LiveEvent[], wanted: Wanted, count = events.length): number[] | null {
  const text = wanted.text.trim().toLowerCase();
  if (!text && !wanted.type && !wanted.agent && !wanted.department) return null;
  const found: number[] = [];
  for (let place = 0; place < count; place += 1) {
    const event = events[place];
    if (!event) break;
    if (wanted.type && event.type !== wanted.type) continue;
    if (wanted.agent && event.agentId !== wanted.agent) continue;
    if (wanted.department && event.department !== wanted.department) continue;
    if (text && !haystack(event).includes(text)) continue;
    found.push(place);
  }
  return found;
}

const haystacks = new WeakMap<LiveEvent, string>();

function haystack(event: LiveEvent): string {
  let found = haystacks.get(event);
  if (found === undefined) {
    found = `${event.type} ${event.agentId ?? ""} ${event.department ?? ""} ${lineOf(event).text}`.toLowerCase();
    haystacks.set(event, found);
  }
  return found;
}

/** Where in a payload references stand, by their way to them: `output` or `output.text`. */
export function referencesOf(value: unknown, path = ""): { path: string; ref: string; bytes: number }[] {
  if (isReference(value)) return [{ path, ref: value.$ref, bytes: value.bytes }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => referencesOf(one, path ? `${path}.${key}` : key));
}

export function summaryOf(payload: unknown, error = ""): string {
  if (error) return `: ${error}`;
  if (isReference(payload)) return `: ${Math.ceil(payload.bytes / 1024)} KiB, ${payload.preview.slice(0, 80)}`;
  if (typeof payload === "string") return payload ? `: ${short(payload)}` : "";
  if (typeof payload !== "object" || payload === null) return "";
  const { summary, title } = payload as { summary?: unknown; title?: unknown };
  const told = [summary, title].find((one) => typeof one === "string" && one);
  return told ? `: ${short(told as string)}` : "";
}

function ended(status: string, text: string): Line {
  if (status === "failed" || status === "rejected") return { sign: "failed", tone: "bad", text };
  if (status === "cancelled") return { sign: "cancelled", tone: "idle", text };
  return status === "partial" ? { sign: "short", tone: "warn", text } : { sign: "done", tone: "ok", text };
}

function argumentsOf(given: unknown): string {
  if (given === null || given === undefined) return "";
  if (isReference(given)) return ` with ${Math.ceil(given.bytes / 1024)} KiB`;
  const text = JSON.stringify(given);
  return text === "{}" ? "" : ` with ${short(text)}`;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

function on(step: string | undefined): string {
  return step ? ` on ${step}` : "";
}

function nth(what: string, number: number | undefined): string {
  return number !== undefined && number > 1 ? `, ${what} ${number}` : "";
}

function dropped(count: number | undefined): string {
  return count ? ` (${count} before it not kept)` : "";
}

function percent(part: number | undefined): string {
  return `${Math.round((part ?? 0) * 100)} %`;
}
