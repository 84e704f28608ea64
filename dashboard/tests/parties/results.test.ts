import { expect, test } from "vitest";
import { resultOf, swatchOf } from "../../src/views/parties/results";

test("a theme is its title, colours and lists", () => {
  const result = resultOf({
    title: "Jungle",
    summary: "a jungle",
    confidence: 0.9,
    colours: ["leaf green"],
    decorations: ["garland"],
    activities: [],
  });
  expect(result).toMatchObject({
    title: "Jungle",
    confidence: 0.9,
    colours: ["leaf green"],
    lists: [{ title: "Decorations", items: ["garland"] }],
  });
});

test("what an agent picked, what it costs and who else there was", () => {
  const result = resultOf({
    pick: { name: "Long Table" },
    money: { min: 10, max: 20 },
    fits: false,
    menu: [{ dish: "rice", portions: 14, for: ["2 vegan"] }],
    bookings: [{ kind: "balloons", vendor: "Air", price: { min: 1, max: 2 }, reason: "near", fits: true }],
    alternatives: [{ name: "Other", reason: "far", price: { min: 3 }, fits: false }],
  });
  expect(result).toMatchObject({
    title: "Long Table",
    money: { min: 10, max: 20 },
    fits: false,
    lists: [{ title: "Menu", items: ["14 × rice (for 2 vegan)"] }],
    bookings: [{ kind: "balloons", name: "Air", price: { min: 1, max: 2 }, fits: true }],
    alternatives: [{ name: "Other", price: null, fits: false }],
  });
});

test("an agent may answer anything", () => {
  for (const value of [null, undefined, "text", 7, []]) expect(resultOf(value)).toBeNull();
  const odd = resultOf({
    title: 7,
    colours: "red",
    menu: [null, "x"],
    alternatives: {},
    money: "much",
    confidence: "high",
  });
  expect(odd).toEqual({
    title: "",
    summary: "",
    confidence: null,
    money: null,
    fits: null,
    colours: [],
    lists: [],
    bookings: [],
    alternatives: [],
    reasons: [],
    assumptions: [],
    notes: [],
  });
});

test("the same colour has the same swatch, also one that nobody knows", () => {
  expect(swatchOf("leaf green")).not.toBe(swatchOf("moss green"));
  expect(swatchOf("quixotic")).toBe(swatchOf("quixotic"));
  expect(swatchOf("quixotic")).toMatch(/^hsl/);
});
