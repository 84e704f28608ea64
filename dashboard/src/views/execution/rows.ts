// Which rows of a long list are seen: rows are of one height, but for the few that are opened.

export interface Window {
  from: number;
  to: number;
  /** Where row `from` begins. */
  top: number;
}

export class Rows {
  private readonly opened: readonly (readonly [number, number])[];

  /** extra: by row how much higher than the others it is. */
  constructor(
    readonly count: number,
    readonly height: number,
    extra: ReadonlyMap<number, number> = new Map(),
  ) {
    this.opened = [...extra].filter(([row]) => row < count).sort(([one], [other]) => one - other);
  }

  get total(): number {
    return this.count * this.height + this.opened.reduce((sum, [, extra]) => sum + extra, 0);
  }

  topOf(row: number): number {
    let top = row * this.height;
    for (const [place, extra] of this.opened) {
      if (place >= row) break;
      top += extra;
    }
    return top;
  }

  /** The row at a distance from the top, the first and the last at least. */
  rowAt(distance: number): number {
    let before = 0;
    for (const [place, extra] of this.opened) {
      const top = place * this.height + before;
      if (distance < top + this.height) break;
      if (distance < top + this.height + extra) return place;
      before += extra;
    }
    const row = Math.floor((distance - before) / this.height);
    return Math.max(0, Math.min(this.count - 1, row));
  }

  /** With `spare` rows above and below what is seen. */
  window(scrolled: number, seen: number, spare = 8): Window {
    if (this.count === 0) return { from: 0, to: 0, top: 0 };
    const from = Math.max(0, this.rowAt(scrolled) - spare);
    const to = Math.min(this.count, this.rowAt(scrolled + seen) + 1 + spare);
    return { from, to, top: this.topOf(from) };
  }
}
