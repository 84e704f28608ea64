// Times and spans as these views write them.

/** Of the reader's own time zone: 10:04:02.120. */
export function clockOf(milliseconds: number, fine = false): string {
  const date = new Date(milliseconds);
  const text = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return fine ? `${text}.${String(date.getMilliseconds()).padStart(3, "0")}` : text;
}

/** What the results of the steps that are done say that they cost. */
export function moneyOfResults(results: Iterable<unknown>): { min: number; max: number } | null {
  const sum = { min: 0, max: 0 };
  let some = false;
  for (const result of results) {
    const money = (result as { money?: unknown } | null)?.money as { min?: unknown; max?: unknown } | undefined;
    if (typeof money?.min !== "number" || typeof money.max !== "number") continue;
    sum.min += money.min;
    sum.max += money.max;
    some = true;
  }
  return some ? sum : null;
}
