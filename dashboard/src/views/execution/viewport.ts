// Where a window stands on a paper, and how far away: screen = paper * k + (x, y).

export interface Viewport {
  x: number;
  y: number;
  k: number;
}

interface Size {
  width: number;
  height: number;
}

export const LEAST = 0.2;
export const MOST = 2.5;
// Below this nobody can read what a step says: the window begins at the left instead.
const READABLE = 0.5;
const MARGIN = 14;

/** The whole paper in the middle, not larger than it is; a wide one from its left edge on. */
export function fitted(window: Size, paper: Size): Viewport {
  if (!window.width || !paper.width || !paper.height) return { x: MARGIN, y: MARGIN, k: 1 };
  const across = (window.width - 2 * MARGIN) / paper.width;
  const down = (window.height - 2 * MARGIN) / paper.height;
  const k = Math.max(Math.min(across, down, 1), Math.min(READABLE, down, 1), LEAST);
  const middle = (room: number, length: number) => Math.max(MARGIN, (room - length * k) / 2);
  return { x: middle(window.width, paper.width), y: middle(window.height, paper.height), k };
}

const LOWEST = 180;
const HIGHEST = 600;

/** Of a window as wide as this: what the paper needs where it fits the width. */
export function heightFor(width: number, paper: Size): number {
  if (!width || !paper.width) return LOWEST;
  const k = Math.max(Math.min((width - 2 * MARGIN) / paper.width, 1), READABLE);
  return Math.round(Math.min(HIGHEST, Math.max(LOWEST, paper.height * k + 2 * MARGIN)));
}

/** What is at (x, y) of the window stays there. */
export function zoomedAt(viewport: Viewport, factor: number, x: number, y: number): Viewport {
  const k = Math.max(LEAST, Math.min(MOST, viewport.k * factor));
  const part = k / viewport.k;
  return { k, x: x - (x - viewport.x) * part, y: y - (y - viewport.y) * part };
}

export function pannedBy(viewport: Viewport, x: number, y: number): Viewport {
  return { ...viewport, x: viewport.x + x, y: viewport.y + y };
}

interface Box extends Size {
  name: string;
  x: number;
  y: number;
}

const ASIDE = 2.5;

/** The nearest box in a direction, by its middle; what lies to the side counts as farther. */
export function neighbour(boxes: readonly Box[], from: string, key: string): string | null {
  const start = boxes.find((box) => box.name === from);
  if (!start) return null;
  const middle = (box: Box) => [box.x + box.width / 2, box.y + box.height / 2] as const;
  const [startX, startY] = middle(start);
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    if (box === start) continue;
    const [x, y] = middle(box);
    const [right, down] = [x - startX, y - startY];
    const ways: Record<string, [number, number]> = {
      ArrowRight: [right, down],
      ArrowLeft: [-right, down],
      ArrowDown: [down, right],
      ArrowUp: [-down, right],
    };
    const [ahead, aside] = ways[key] ?? [-1, 0];
    const distance = ahead + ASIDE * Math.abs(aside);
    if (ahead > 1 && distance < least) {
      least = distance;
      best = box.name;
    }
  }
  return best;
}
