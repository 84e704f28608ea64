// From an event back to what came from outside: the way of causes, one after the other.

import type { CauseDocument } from "./documents";

export interface Link extends CauseDocument {
  /** Without its package. */
  name: string;
  /** Milliseconds after the one that it was caused by. */
  later: number;
  /** How many others of the list it has caused too. */
  others: number;
}

/** The first is the outside act, the last the event with the id. An id that is not there has no way. */
export function wayTo(events: readonly CauseDocument[], id: string): Link[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const caused = new Map<string, number>();
  for (const event of events) caused.set(event.causation_id, (caused.get(event.causation_id) ?? 0) + 1);
  const way: CauseDocument[] = [];
  const seen = new Set<string>();
  for (let event = byId.get(id); event && !seen.has(event.id); event = byId.get(event.causation_id)) {
    seen.add(event.id);
    way.push(event);
  }
  way.reverse();
  return way.map((event, place) => ({
    ...event,
    name: nameOf(event),
    later: place === 0 ? 0 : Math.max(0, Date.parse(event.at) - Date.parse(way[place - 1]?.at ?? event.at)),
    others: Math.max(0, (caused.get(event.id) ?? 0) - (place + 1 < way.length ? 1 : 0)),
  }));
}

export function nameOf(event: CauseDocument): string {
  return event.type.slice(event.type.lastIndexOf(".") + 1);
}

const ENDS = /^(StepCompleted|StepFailed|ExecutionCompleted|ExecutionFailed|ExecutionCancelled|DepartmentCompleted)$/;

/** What somebody may ask the causes of, the newest first; the last event of all where nothing has ended. */
export function askable(events: readonly CauseDocument[]): CauseDocument[] {
  const ends = events.filter((event) => ENDS.test(nameOf(event)));
  const newest = [...(ends.length ? ends : events.slice(-1))];
  return newest.sort((one, other) => other.position - one.position);
}
