// Times of buckets, in the reader's own time zone.

import type { Bucket } from "./series";

const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const whole = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
// Days are of UTC, wherever the reader is.
const utcDay = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});

/** On an axis; midnight is its day. */
export function timeTick(time: number, bucket: Bucket): string {
  if (bucket === "day") return utcDay.format(time).replace(/^\w+,?\s*/, "");
  const date = new Date(time);
  return bucket === "hour" && date.getHours() === 0 ? day.format(date) : hour.format(date);
}

export function timeText(time: number, bucket: Bucket): string {
  return bucket === "day" ? utcDay.format(time) : whole.format(time);
}
