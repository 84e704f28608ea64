/** All watchers of one execution behind one subscription, each with its own filter and its own place. */
import type { LiveEvent } from "./events.ts";
import { type Filter, filterOf, filters, type LiveError, passes, type Subscribe, union } from "./wire.ts";

export interface Watcher extends Filter {
  /**
   * The last sequence that is known: what comes behind it is told. 0: from the beginning. Without: only what comes from
   * now on.
   */
  after?: number | undefined;
  /** Once for each event, in order, without a hole but for what the filter keeps back; across reconnects. */
  onEvent: (event: LiveEvent) => void;
  /** The server has it; sequence: behind which events will come. Again after each reconnect. */
  onSubscribed?: ((sequence: number) => void) | undefined;
  /** It cannot be watched; nothing more comes. */
  onError?: ((error: LiveError) => void) | undefined;
}

interface Place {
  watcher: Watcher;
  last: number | undefined;
  /** The server has begun with a subscription that is made for it too. */
  ready: boolean;
}

export class Channel {
  readonly #executionId: string;
  readonly #places = new Set<Place>();
  #ref = -1;
  #wanted: Filter = {};
  #healed = -1;

  constructor(executionId: string) {
    this.#executionId = executionId;
  }

  get empty(): boolean {
    return this.#places.size === 0;
  }

  /** What ends it again. */
  add(watcher: Watcher): () => void {
    const place = { watcher, last: watcher.after, ready: false };
    this.#places.add(place);
    return () => this.#places.delete(place);
  }

  /**
   * From the place of who is farthest behind; takes the place of the subscription before. While somebody who wants only what
   * comes has no place yet, it begins live: where that is gives him one.
   */
  subscribe(ref: number): Subscribe {
    this.#ref = ref;
    const places = [...this.#places];
    this.#wanted = places.map(({ watcher }) => filterOf(watcher)).reduce(union);
    const known = places.flatMap(({ last }) => (last === undefined ? [] : [last]));
    const live = known.length < places.length;
    // What comes meanwhile is behind what they have not had.
    if (live) for (const place of places) place.ready = false;
    const after = live ? {} : { after: Math.min(...known) };
    return { type: "subscribe", executionId: this.#executionId, ref, ...after, ...filterOf(this.#wanted) };
  }

  /** begins: behind which sequence. False: that is too late for somebody, so that it is to be subscribed again. */
  subscribed(ref: number | undefined, begins: number): boolean {
    if (ref !== this.#ref) return true; // of a subscription before this one
    let all = true;
    for (const place of [...this.#places]) {
      place.last ??= begins;
      if (place.last < begins) all = false;
      else if (!place.ready) {
        place.ready = true;
        place.watcher.onSubscribed?.(place.last);
      }
    }
    return all;
  }

  /** The connection is gone, and its subscriptions with it. */
  lost(): void {
    for (const place of this.#places) place.ready = false;
  }

  /** False: something before it is missing, and was not asked for again yet. */
  take(event: LiveEvent): boolean {
    for (const place of [...this.#places]) {
      if (!place.ready || place.last === undefined || event.sequence <= place.last) continue;
      if (!filters(this.#wanted) && event.sequence > place.last + 1 && this.#healed !== place.last) {
        this.#healed = place.last;
        return false;
      }
      place.last = event.sequence;
      if (passes(event, place.watcher)) place.watcher.onEvent(event);
    }
    return true;
  }

  /** All up to there were sent, but for what the filter keeps back. */
  lagging(resumeAfter: number): void {
    for (const place of this.#places) {
      if (place.ready && filters(this.#wanted)) place.last = Math.max(place.last ?? 0, resumeAfter);
    }
  }

  refused(error: LiveError): void {
    for (const { watcher } of [...this.#places]) watcher.onError?.(error);
    this.#places.clear();
  }
}
