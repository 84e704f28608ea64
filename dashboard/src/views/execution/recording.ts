// The live events of one execution, and what it was at any of them.

import { fold } from "./fold";
import { copyState, emptyState, type RunState } from "./state";
import type { LiveEvent } from "../../client/events";

// Dragging folds at most so many events on; more snapshots would cost memory and gain nothing to see.
const EVERY = 200;
// What is played is to be followed: hours are not waited for, and what took a millisecond is seen too.
export const LONGEST_PAUSE = 5_000;
export const SHORTEST_PAUSE = 120;

export class Recording {
  readonly events: LiveEvent[] = [];
  /** Milliseconds from the first event when it is played, with pauses from SHORTEST_PAUSE to LONGEST_PAUSE. */
  readonly clock: number[] = [];
  /** Whoever has done something in it, and the departments that did. */
  readonly agents = new Set<string>();
  readonly departments = new Set<string>();
  private readonly snapshots: RunState[] = [emptyState()];
  private readonly now: RunState = emptyState();
  private before = 0;

  /** Those that are here already are passed over. Returns how many were new. */
  push(events: readonly LiveEvent[]): number {
    const had = this.events.length;
    for (const event of events) {
      if (event.sequence <= this.now.sequence) continue;
      fold(this.now, event);
      this.events.push(event);
      if (event.agentId) this.agents.add(event.agentId);
      if (event.department) this.departments.add(event.department);
      const last = this.clock.at(-1);
      const pause = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, this.now.at - this.before));
      this.clock.push(last === undefined ? 0 : last + pause);
      this.before = this.now.at;
      if (this.events.length % EVERY === 0) this.snapshots.push(copyState(this.now));
    }
    return this.events.length - had;
  }

  get length(): number {
    return this.events.length;
  }

  get last(): number {
    return this.now.sequence;
  }

  /** The state after the first `count` events. */
  at(count: number): RunState {
    const wanted = Math.max(0, Math.min(count, this.events.length));
    if (wanted === this.events.length) return copyState(this.now);
    const place = Math.floor(wanted / EVERY);
    const state = copyState(this.snapshots[place] ?? emptyState());
    for (let index = place * EVERY; index < wanted; index += 1) {
      const event = this.events[index];
      if (event) fold(state, event);
    }
    return state;
  }

  /** How many events have happened when the recording has been played for so many milliseconds. */
  countAt(milliseconds: number): number {
    let low = 0;
    let high = this.clock.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.clock[middle] ?? 0) <= milliseconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where in the playing time it is after `count` events. */
  timeAt(count: number): number {
    return count <= 0 ? 0 : (this.clock[Math.min(count, this.clock.length) - 1] ?? 0);
  }
}
