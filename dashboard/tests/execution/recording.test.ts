import { expect, test } from "vitest";
import { fold } from "../../src/views/execution/fold";
import { emptyState } from "../../src/views/execution/state";
import { LONGEST_PAUSE, Recording } from "../../src/views/execution/recording";
import { long, scene, Story } from "./story";

test("the state at any event is what folding up to it comes to, whatever was asked for before", () => {
  const events = long(1234);
  const recording = new Recording();
  recording.push(events);
  for (const count of [1234, 0, 1, 199, 200, 201, 777, 1000, 3, 1233]) {
    const plain = emptyState();
    for (const event of events.slice(0, count)) fold(plain, event);
    expect(recording.at(count)).toEqual(plain);
  }
});

test("batches that overlap are taken once", () => {
  const events = scene();
  const recording = new Recording();
  expect(recording.push(events.slice(0, 9))).toBe(9);
  expect(recording.push(events.slice(4, 12))).toBe(3);
  expect(recording.push(events)).toBe(events.length - 12);
  expect(recording.events).toEqual(events);
  expect(recording.last).toBe(events.length);
});

test("what was shown does not change when more comes", () => {
  const events = scene();
  const recording = new Recording();
  recording.push(events.slice(0, 5));
  const shown = recording.at(5);
  const steps = new Map(shown.steps);
  recording.push(events.slice(5));
  expect(shown.steps).toEqual(steps);
  expect(shown.status).toBe("running");
});

test("a time of the playing clock and its event lead to each other", () => {
  const recording = new Recording();
  recording.push(scene());
  for (let count = 1; count <= recording.length; count += 1) {
    expect(recording.countAt(recording.timeAt(count))).toBe(count);
  }
  expect(recording.countAt(-1)).toBe(0);
  expect(recording.countAt(Number.POSITIVE_INFINITY)).toBe(recording.length);
});

test("a pause of hours is played as a short one", () => {
  const story = new Story().tell("orchestration-start").tell("orchestration-complete", {}, 7_200_000);
  const recording = new Recording();
  recording.push(story.events);
  expect(recording.timeAt(2)).toBe(LONGEST_PAUSE);
});
