import type { Area } from "./events.ts";

export interface Changed {
  /** Reads with wait_for=position see all of it. */
  readonly position: number;
  /** How often each area has changed since this was made. */
  readonly versions: Readonly<Record<Area, number>>;
}

const NONE: Changed["versions"] = {
  agents: 0,
  executions: 0,
  approvals: 0,
  deadletters: 0,
  signals: 0,
  budgets: 0,
  fleet: 0,
  health: 0,
  analytics: 0,
};

/** The topic `overview`, kept for whoever comes later. */
export class Changes {
  now: Changed = { position: 0, versions: NONE };
  readonly #listeners = new Set<() => void>();

  take(changed: readonly Area[], position: number): void {
    const versions = { ...this.now.versions };
    for (const area of changed) versions[area] = (versions[area] ?? 0) + 1;
    this.now = { position: Math.max(position, this.now.position), versions };
    for (const listener of [...this.#listeners]) listener();
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
