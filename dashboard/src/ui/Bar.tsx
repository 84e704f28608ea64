import type { Tone } from "./Badge";

interface Props {
  value: number;
  max: number;
  label: string;
  /** What a screen reader says instead of a percentage. */
  text?: string;
  tone?: Tone;
  /** Of the whole, from where it warns and where it alarms; without them its tone stays. */
  warnAt?: number;
  badAt?: number;
}

export function Bar({ value, max, label, text, tone = "info", warnAt, badAt }: Props) {
  const part = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  const shown = badAt !== undefined && part >= badAt ? "bad" : warnAt !== undefined && part >= warnAt ? "warn" : tone;
  return (
    <div
      className="bar"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={Math.min(value, max)}
      aria-valuetext={text}
    >
      {part > 0 && <span className={`bar-fill fill-${shown}`} style={{ width: `${part * 100}%` }} />}
    </div>
  );
}
