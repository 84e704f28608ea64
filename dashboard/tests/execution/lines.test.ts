import { expect, test } from "vitest";
import { EVERYTHING, lineOf, referencesOf, toneOf, wantedOf } from "../../src/views/execution/lines";
import { EVENT_TYPES } from "../../src/client/events";
import { scene, Story } from "./story";

test("every event is a line with a sign and words", () => {
  for (const type of EVENT_TYPES) {
    const [event] = new Story().tell(type).events;
    const line = lineOf(event!);
    expect(line.sign, type).not.toBe("");
    expect(line.text, type).not.toMatch(/undefined|NaN|null/);
  }
});

test("an event's tone is that of its line", () => {
  const events = [
    ...EVENT_TYPES.flatMap((type) => new Story().tell(type).events),
    ...scene(),
    ...new Story()
      .tell("agent-complete", { status: "failed" })
      .tell("tool-result", { error: "no" })
      .tell("review-status", { status: "rejected" })
      .tell("department-complete", { status: "partial" })
      .tell("orchestration-complete", { status: "cancelled" }).events,
  ];
  for (const event of events) expect(toneOf(event), event.type).toBe(lineOf(event).tone);
});

test("what decides is told by its word and not by its colour alone", () => {
  const told = (status: "approved" | "revise" | "rejected") =>
    lineOf(new Story().tell("review-status", { status }).events[0]!);
  const all = [told("approved"), told("revise"), told("rejected")];
  expect(new Set(all.map((line) => line.sign)).size).toBe(3);
  expect(all.map((line) => line.text)).toEqual(["approved", "revise", "rejected"]);
});

test("filters hold together: type, agent, department and text", () => {
  const events = scene();
  expect(wantedOf(events, EVERYTHING)).toBeNull();
  const places = wantedOf(events, { ...EVERYTHING, type: "agent-start", department: "story" });
  expect(places?.map((place) => events[place]!.agentId)).toEqual(["plot-writer", "plot-writer"]);
  expect(wantedOf(events, { ...EVERYTHING, text: "ADD A TURN" })).toEqual([10]);
  expect(wantedOf(events, { ...EVERYTHING, agent: "plot-writer", text: "turn" })).toEqual([5, 10]);
  expect(wantedOf(events, { ...EVERYTHING, agent: "plot-writer" }, 6)).toEqual([4, 5]);
});

test("payloads that did not come along are found wherever they stand", () => {
  const ref = { $ref: "/api/v1/executions/e/events/4", bytes: 20_000, preview: "INT." };
  expect(referencesOf({ output: { scene: ref, title: "x" } })).toEqual([
    { path: "output.scene", ref: ref.$ref, bytes: 20_000 },
  ]);
  const [event] = new Story().tell("agent-complete", { output: ref }).events;
  expect(lineOf(event!).text).toContain("20 KiB");
});
