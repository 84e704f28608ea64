// Where whoever cannot see it begins to read when the view has changed: at its heading, also where that comes late.

let heldBy: Element | null = null;

/** The view is another one: its heading gets the focus as soon as it is there, unless somebody has gone elsewhere by then. */
export function focusHeading(): void {
  heldBy = document.activeElement;
  headingCame();
}

export function headingCame(): void {
  if (heldBy === null) return;
  const moved = document.activeElement !== heldBy && document.activeElement !== document.body;
  const heading = document.querySelector<HTMLElement>("main h1");
  if (!moved && !heading) return; // it is still being read
  heldBy = null;
  if (!moved) heading?.focus({ preventScroll: true });
}
