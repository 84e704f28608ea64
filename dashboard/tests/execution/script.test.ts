import { expect, test } from "vitest";
import { partsOf } from "../../src/views/execution/script";

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
    const words = partsOf(text).flatMap((part) => part.text.split(/\s+/)).join(" ");
    expect(words).toBe(text.replace(/^#\s+/gm, "").split(/\s+/).join(" "));
  }
});
