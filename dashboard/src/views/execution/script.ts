// A scene's plain text as the parts of a screenplay.

export type Part = { kind: "slug" | "action" | "cue" | "aside" | "speech" | "transition" | "heading"; text: string };

const SLUG = /^(INT|EXT|INT\.?\/EXT|I\/E|EST)[.\s]/;
const TRANSITION = /^(FADE (IN|OUT|TO .*)|(SMASH |MATCH )?CUT TO.*|DISSOLVE TO.*|THE END)[.:]?$/;
const HEADING = /^(#{1,4}\s+.+|[A-Z][A-Z0-9 ,'’&-]{2,60}:)$/;
const CAPITALS = /^[A-Z][A-Z0-9 ,'’&-]{2,60}$/;
const ITEM = /^(\d+[.)]|[-*•])\s/;
const CUE = /^[A-Z][A-Z0-9 .'’-]{0,38}(\s*\((?:[^)]{1,30})\))?$/;

/** A cue is a line of capitals that speech follows, a heading one that stands alone; the rest is action. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  for (const block of text.replace(/\r\n?/g, "\n").split(/\n\s*\n/)) {
    const lines = block
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line);
    let speaking = false;
    lines.forEach((line, index) => {
      const follows = index + 1 < lines.length;
      if (SLUG.test(line)) {
        speaking = false;
        parts.push({ kind: "slug", text: line });
      } else if (TRANSITION.test(line)) {
        speaking = false;
        parts.push({ kind: "transition", text: line });
      } else if (HEADING.test(line) || (CAPITALS.test(line) && lines.length === 1)) {
        speaking = false;
        parts.push({ kind: "heading", text: line.replace(/^#+\s+|:$/g, "") });
      } else if (CUE.test(line) && follows) {
        speaking = true;
        parts.push({ kind: "cue", text: line });
      } else if (speaking && /^\(.*\)$/.test(line)) {
        parts.push({ kind: "aside", text: line });
      } else if (speaking) {
        const last = parts.at(-1);
        if (last?.kind === "speech") last.text += ` ${line}`;
        else parts.push({ kind: "speech", text: line });
      } else {
        const last = parts.at(-1);
        const wrapped = last?.kind === "action" && index > 0 && !ITEM.test(line) && !/[.!?:]$/.test(last.text);
        if (wrapped) last.text += ` ${line}`;
        else parts.push({ kind: "action", text: line });
      }
    });
  }
  return parts;
}

/** Without the title and the logline where they stand at its beginning: they are shown above it. */
export function bodyOf(parts: readonly Part[], title: string, logline: string): Part[] {
  const said = new Set([title, logline].map(plain).filter(Boolean));
  const begins = parts.findIndex((part) => !said.has(plain(part.text)));
  return begins < 0 ? [] : parts.slice(begins);
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
