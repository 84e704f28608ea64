// Agents' results of a party as the parts that a card shows. What an agent of a fleet's own answers may be anything.

import type { Range } from "../execution/documents";

export interface Offer {
  name: string;
  detail: string;
  price: Range | null;
  fits: boolean;
}

export interface PartyResult {
  title: string;
  summary: string;
  confidence: number | null;
  money: Range | null;
  fits: boolean | null;
  colours: string[];
  /** Lists with a name: decorations, the menu. */
  lists: { title: string; items: string[] }[];
  bookings: (Offer & { kind: string })[];
  alternatives: Offer[];
  reasons: string[];
  assumptions: string[];
  notes: string[];
}

type Json = Record<string, unknown>;

export function resultOf(value: unknown): PartyResult | null {
  const result = objectOf(value);
  if (!result) return null;
  const pick = objectOf(result["pick"]);
  return {
    title: textOf(result["title"]) || textOf(pick?.["name"]),
    summary: textOf(result["summary"]),
    confidence: typeof result["confidence"] === "number" ? result["confidence"] : null,
    money: rangeOf(result["money"]),
    fits: typeof result["fits"] === "boolean" ? result["fits"] : null,
    colours: texts(result["colours"]),
    lists: [
      { title: "Decorations", items: texts(result["decorations"]) },
      { title: "Activities", items: texts(result["activities"]) },
      { title: "Menu", items: menuOf(result["menu"]) },
    ].filter((list) => list.items.length > 0),
    bookings: objects(result["bookings"]).map((one) => ({
      ...offerOf(one),
      name: textOf(one["vendor"]),
      kind: textOf(one["kind"]),
    })),
    alternatives: objects(result["alternatives"]).map(offerOf),
    reasons: texts(result["reasons"]),
    assumptions: texts(result["assumptions"]),
    notes: texts(result["notes"]),
  };
}

function offerOf(one: Json): Offer {
  return {
    name: textOf(one["name"]) || textOf(one["vendor"]),
    detail: textOf(one["reason"]),
    price: rangeOf(one["price"]),
    fits: one["fits"] !== false,
  };
}

function menuOf(value: unknown): string[] {
  return objects(value).map((one) => {
    const portions = typeof one["portions"] === "number" ? `${one["portions"]} × ` : "";
    const who = texts(one["for"]);
    return `${portions}${textOf(one["dish"])}${who.length ? ` (for ${who.join(", ")})` : ""}`;
  });
}

// What the built-in themes call their colours; what stands nowhere is made of its own words.
const SWATCHES: Readonly<Record<string, string>> = {
  sand: "#d9c39a",
  khaki: "#b3a46b",
  cream: "#f5ecd2",
  lavender: "#b9a1dc",
  cobalt: "#1f4fbf",
  bark: "#6b4a2f",
  moss: "#6d7f3b",
  leaf: "#4c9a3f",
  stone: "#9a9a94",
  petal: "#f3b0c3",
  paint: "#ee4fa0",
  splash: "#ee4fa0",
  volcano: "#c8321f",
  sunset: "#f0803c",
  midnight: "#16224d",
  sky: "#7db8ea",
  sea: "#2a8a99",
  ocean: "#1d6f8f",
  mint: "#9fdcc0",
  coral: "#ff7f6b",
  rose: "#e58a9f",
  blush: "#f0c4c4",
  gold: "#d4a72c",
  golden: "#d4a72c",
  silver: "#bfc5cc",
  copper: "#b8713c",
  charcoal: "#3b4046",
  ivory: "#f6f1e0",
  navy: "#1c2f5c",
  teal: "#1f8a86",
  turquoise: "#36bfc0",
  violet: "#7a4fc0",
  purple: "#7c3fa8",
  lilac: "#c3a6dd",
  pink: "#f08ab4",
  red: "#cf2f2f",
  orange: "#ef8a2b",
  yellow: "#f2cf3a",
  green: "#4a9a4a",
  blue: "#3a78d0",
  brown: "#7c5633",
  grey: "#94999f",
  gray: "#94999f",
  black: "#22252a",
  white: "#fafafa",
  beige: "#e2d3b5",
  burgundy: "#7a1f3d",
  maroon: "#742532",
  peach: "#f7b992",
  aqua: "#5fd0d6",
  emerald: "#1f9d6b",
  olive: "#7f8437",
  indigo: "#3f3f9f",
  magenta: "#cf3fa2",
  champagne: "#ecdcb9",
  bronze: "#a2702f",
  lime: "#a4d037",
  ruby: "#b3173f",
  sapphire: "#1d4ea8",
  plum: "#7a3f6d",
  terracotta: "#c5694a",
  lemon: "#f4e06b",
  chocolate: "#5a3825",
  caramel: "#c08a4b",
  ice: "#cfe8f2",
  snow: "#f6fafc",
  grass: "#5aa23f",
  denim: "#3f628f",
  neon: "#7cf03a",
  rust: "#a64b26",
};

/** The last word says the colour, an earlier one which of it: "leaf green" is the leaf's. */
export function swatchOf(name: string): string {
  const words = name
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean);
  const known = words.find((word) => word in SWATCHES);
  if (known) return SWATCHES[known] ?? "";
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 360;
  return `hsl(${hash} 45% 55%)`;
}

function objectOf(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(objectOf).filter((one) => one !== null) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function rangeOf(value: unknown): Range | null {
  const range = objectOf(value);
  const { min, max } = range ?? {};
  return typeof min === "number" && typeof max === "number" ? { min, max } : null;
}
