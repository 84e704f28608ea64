// What people change about a party: several inputs at once, and never over what they have not seen.

import type { Api } from "../../client";
import { ProblemError } from "../../client";
import { pathOf, type Written } from "../execution/acts";
import type { InputDocument } from "../execution/documents";

export interface Changes {
  /** Texts of new inputs. */
  add: readonly string[];
  /** Ids of inputs that go. */
  remove: readonly string[];
}

export interface Difference {
  came: InputDocument[];
  went: InputDocument[];
}

export type Outcome = { written: Written } | { conflict: Difference; seen: InputDocument[] };

interface Told {
  inputs: InputDocument[];
}

const TRIES = 4;

/** What others have changed since `seen`; null: nothing. */
export function differenceOf(seen: readonly InputDocument[], now: readonly InputDocument[]): Difference | null {
  const before = new Set(seen.map((one) => one.input_id));
  const here = new Set(now.map((one) => one.input_id));
  const came = now.filter((one) => !before.has(one.input_id));
  const went = seen.filter((one) => !here.has(one.input_id));
  return came.length || went.length ? { came, went } : null;
}

/** Without what is done already: an input that is gone need not go. */
export function stillWanted(changes: Changes, now: readonly InputDocument[]): Changes {
  const here = new Set(now.map((one) => one.input_id));
  return { add: changes.add, remove: changes.remove.filter((id) => here.has(id)) };
}

export function isNothing({ add, remove }: Changes): boolean {
  return add.length === 0 && remove.length === 0;
}

/**
 * Writes only over the inputs that were seen: whatever somebody else has changed meanwhile is a conflict to be shown. A
 * revision that has moved without a difference to see is no conflict, and is written over. Raises ProblemError.
 */
export async function change(api: Api, id: string, changes: Changes, seen: readonly InputDocument[]): Promise<Outcome> {
  for (let left = TRIES; ; left -= 1) {
    const { body, etag } = await api.ask<Told>("GET", pathOf(id));
    const conflict = differenceOf(seen, body.inputs);
    if (conflict) return { conflict, seen: body.inputs };
    try {
      return { written: await send(api, id, changes, etag) };
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 412 || left === 0) throw error;
    }
  }
}

function send(api: Api, id: string, { add, remove }: Changes, etag: string | null): Promise<Written> {
  const body = { ...(add.length && { add: add.map((content) => ({ content })) }), ...(remove.length && { remove }) };
  return api.patch<Written>(`${pathOf(id)}/inputs`, body, etag ? { headers: { "if-match": etag } } : {});
}
