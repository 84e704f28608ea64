import type { ReactNode } from "react";

export type Tone = "ok" | "warn" | "bad" | "info" | "idle";

const TONES: Record<string, Tone> = {
  completed: "ok",
  done: "ok",
  approved: "ok",
  serving: "ok",
  ready: "ok",
  ok: "ok",
  retried: "ok",
  passed: "ok",
  restored: "ok",
  running: "info",
  processing: "info",
  active: "info",
  open: "warn",
  waiting: "warn",
  waiting_tokens: "warn",
  waiting_approval: "warn",
  hibernating: "warn",
  revise: "warn",
  partial: "warn",
  parked: "warn",
  expired: "warn",
  degraded: "warn",
  medium: "warn",
  failed: "bad",
  rejected: "bad",
  critical: "bad",
  high: "bad",
  unready: "bad",
  not_serving: "bad",
};

/** Of any status word of the platform; a word that nobody has a tone for is idle. */
export function toneOf(status: string): Tone {
  return TONES[status] ?? "idle";
}

interface Props {
  status: string;
  tone?: Tone;
  /** What stands there instead of the word itself. */
  children?: ReactNode;
}

/** The word carries the meaning; the colour and the dot's shape only repeat it. */
export function Badge({ status, tone, children }: Props) {
  const shown = tone ?? toneOf(status);
  return (
    <span className={`badge tone-${shown}`} data-status={status}>
      <i className={`dot dot-${shown}`} aria-hidden="true" />
      {children ?? status.replaceAll("_", " ")}
    </span>
  );
}
