import { expect, test } from "vitest";
import { bodyOf, partsOf } from "../../src/views/execution/script";

const TEXT = `FADE IN:

INT. LIGHTHOUSE - NIGHT

Rain on the glass. MARA climbs
the last stairs.

MARA
(out of breath)
You came back.
After all these years.

JONAS (O.S.)
The light failed.

CUT TO:

EXT. ROCKS - DAWN

THE END`;

test("a scene is slug lines, action, and who says what", () => {
  expect(partsOf(TEXT)).toEqual([
    { kind: "transition", text: "FADE IN:" },
    { kind: "slug", text: "INT. LIGHTHOUSE - NIGHT" },
    { kind: "action", text: "Rain on the glass. MARA climbs the last stairs." },
    { kind: "cue", text: "MARA" },
    { kind: "aside", text: "(out of breath)" },
    { kind: "speech", text: "You came back. After all these years." },
    { kind: "cue", text: "JONAS (O.S.)" },
    { kind: "speech", text: "The light failed." },
    { kind: "transition", text: "CUT TO:" },
    { kind: "slug", text: "EXT. ROCKS - DAWN" },
    { kind: "transition", text: "THE END" },
  ]);
});

test("no word of a text is lost, whatever it is", () => {
  for (const text of ["just a sentence", "A\nB\nC", "# Title\n\nHello (there)", "LOUD WORDS ALONE", "x\r\n\r\ny"]) {
    const words = partsOf(text)
      .flatMap((part) => part.text.split(/\s+/))
      .join(" ");
    expect(words).toBe(text.replace(/^#\s+/gm, "").split(/\s+/).join(" "));
  }
});

test("lists keep their lines, and a line of capitals that stands alone is a heading", () => {
  const parts = partsOf("SHOT LIST\n\n1. WIDE, locked off.\n2. CLOSE, dolly\nin slowly.\n- INSERT of the oar");
  expect(parts).toEqual([
    { kind: "heading", text: "SHOT LIST" },
    { kind: "action", text: "1. WIDE, locked off." },
    { kind: "action", text: "2. CLOSE, dolly in slowly." },
    { kind: "action", text: "- INSERT of the oar" },
  ]);
});

test("a title and a logline that the text begins with are not told twice", () => {
  const parts = partsOf("THE ROCKS\n\nA keeper finds her son.\n\nEXT. ROCKS - NIGHT\n\nThe rocks.");
  expect(bodyOf(parts, "The Rocks", "A keeper finds her son.")[0]).toEqual({
    kind: "slug",
    text: "EXT. ROCKS - NIGHT",
  });
  expect(bodyOf(parts, "", "")).toEqual(parts);
});
