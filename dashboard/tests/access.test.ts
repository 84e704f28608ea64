import { beforeEach, expect, test } from "vitest";
import { access, askForKey, enter, leave, onAccess, readKey, refuse } from "../src/shell/access.ts";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  sessionStorage: {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  },
});

beforeEach(leave);

test("who shows nothing where something is wanted is asked for it", () => {
  refuse("");
  expect(access().asked).toBe("missing");
});

test("a key that is good no longer is forgotten, and that it was lost stays said", () => {
  enter("first");
  refuse("first");
  refuse("");
  expect(access().asked).toBe("lost");
  expect(readKey()).toBe("");
});

test("a refusal of somebody who has left throws out nobody who came after", () => {
  enter("first");
  enter("second");
  refuse("first");
  expect(access().asked).toBeNull();
  expect(readKey()).toBe("second");
});

test("each who comes is another visitor, and those who look are told", () => {
  const visits: number[] = [];
  const stop = onAccess(() => visits.push(access().visit));
  enter("first");
  askForKey();
  leave();
  stop();
  enter("second");
  expect(new Set(visits).size).toBe(3);
  expect(visits.length).toBe(3);
});
