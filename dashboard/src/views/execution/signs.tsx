// Small signs for what a step or an event is: each of a shape of its own, so that nobody has to tell colours apart.

const PATHS = {
  planned: "M8 3.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6z",
  ready: "M8 3.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6zM8 5.6v2.6l1.8 1.2",
  running: "M5.2 3.4l7 4.6-7 4.6z",
  done: "M3.2 8.6l3.1 3.1 6.5-7.2",
  failed: "M4 4l8 8M12 4l-8 8",
  cancelled: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3zM4.6 11.4l6.8-6.8",
  removed: "M3.5 8h9",
  skipped: "M3 5l4 3-4 3zM9 5l4 3-4 3z",
  waiting:
    "M4.5 2.8h7M4.5 13.2h7M5.4 2.8c0 3.4 5.2 3.4 5.2 5.2s-5.2 1.8-5.2 5.2M10.6 2.8c0 3.4-5.2 3.4-5.2 5.2s5.2 1.8 5.2 5.2",
  asks: "M5.6 6.2a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.8-1.1 1.7M8 12.3v.6",
  play: "M5.2 3.4l7 4.6-7 4.6z",
  pause: "M5.4 3.6v8.8M10.6 3.6v8.8",
  start: "M3 8h9M8.6 4.4L12.4 8l-3.8 3.6",
  thought: "M3.6 8h.1M8 8h.1M12.4 8h.1",
  tool: "M9.6 3.2a3 3 0 0 0-3.4 4.1L3 10.5 5.5 13l3.2-3.2a3 3 0 0 0 4.1-3.4l-1.9 1.9-2.2-.6-.6-2.2z",
  department: "M8 2.8L13.2 8 8 13.2 2.8 8z",
  short: "M8 3.2l5.2 9.3H2.8zM8 6.8v2.6M8 11h.1",
  again: "M12.6 8a4.6 4.6 0 1 1-1.4-3.3M12.8 2.8v3h-3",
  unknown: "M8 7.6v.8",
  fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  expand: "M4 6l4 4 4-4",
} as const;

export type SignName = keyof typeof PATHS;

const FILLED: ReadonlySet<SignName> = new Set(["running", "play", "skipped"]);

const STATUSES: Readonly<Record<string, SignName>> = {
  planned: "planned",
  ready: "ready",
  running: "running",
  waiting_tokens: "waiting",
  waiting_approval: "asks",
  waiting: "waiting",
  done: "done",
  completed: "done",
  approved: "done",
  failed: "failed",
  rejected: "failed",
  removed: "removed",
  skipped: "skipped",
  cancelled: "cancelled",
  revise: "again",
  partial: "short",
};

export function signOf(status: string): SignName {
  return STATUSES[status] ?? "unknown";
}

export function signPath(name: SignName): string {
  return PATHS[name];
}

/** Says nothing to a screen reader: the word stands beside it. */
export function Sign({ name, size = 15 }: { name: SignName; size?: number }) {
  return (
    <svg className="sign" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path
        d={PATHS[name]}
        fill={FILLED.has(name) ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth={name === "thought" || name === "unknown" ? 2.4 : 1.6}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
