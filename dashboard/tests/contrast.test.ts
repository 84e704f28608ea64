import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync(new URL("../src/design/tokens.css", import.meta.url), "utf8");
const blocks = [...css.matchAll(/\{([^{}]*--bg:[^{}]*)\}/g)].map(([, block]) => colours(block ?? ""));
const [dark, system, light] = blocks;

function colours(block: string): Record<string, string> {
  return Object.fromEntries([...block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]));
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

test("light is the same, chosen or by the system", () => {
  expect(blocks).toHaveLength(3);
  expect(system).toEqual(light);
});

describe.each([
  ["dark", dark],
  ["light", light],
])("in the %s theme", (_, theme = {}) => {
  const grounds = ["bg", "surface", "surface-2"];
  const texts = ["text", "text-2", "accent", "ok", "warn", "bad", "info", "idle"];
  test.each(texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)))("%s can be read on %s", (text, ground) => {
    expect(contrast(theme[text] ?? "", theme[ground] ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  test("what stands on the accent, and on a count, can be read", () => {
    expect(contrast(theme["accent-text"] ?? "", theme["accent"] ?? "")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(theme["bg"] ?? "", theme["warn"] ?? "")).toBeGreaterThanOrEqual(4.5);
  });
});
