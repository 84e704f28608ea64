/**
 * Who the page is to the platform: an API key or a token, kept as long as the browser's tab. Where the platform runs on
 * loopback for its owner, none is needed.
 */
const KEPT = "reveille.key";

/** Why somebody is asked for a key. wished: he need not show one, and wants to. */
export type Asked = "missing" | "lost" | "wished";

export interface Access {
  /** null: nobody is asked, as far as is known. */
  asked: Asked | null;
  /** Another with each who comes: nothing of the one before may stay. */
  visit: number;
}

let now: Access = { asked: null, visit: 0 };
const listeners = new Set<() => void>();

export function access(): Access {
  return now;
}

export function onAccess(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function readKey(): string {
  return sessionStorage.getItem(KEPT) ?? "";
}

export function enter(key: string): void {
  keep(key);
  become(null);
}

/** As nobody; where the platform asks, it asks for a key again. */
export function leave(): void {
  enter("");
}

export function askForKey(): void {
  become("wished");
}

/** The platform does not know, or no longer, who showed this key. */
export function refuse(key: string): void {
  if (key !== readKey()) return; // of somebody who has left
  keep("");
  become(key ? "lost" : "missing");
}

function keep(key: string): void {
  if (key) sessionStorage.setItem(KEPT, key);
  else sessionStorage.removeItem(KEPT);
}

function become(asked: Asked | null): void {
  // Of many requests that are refused together the first one says it, and says why.
  if (asked === "missing" && now.asked !== null) return;
  now = { asked, visit: now.visit + 1 };
  for (const listener of [...listeners]) listener();
}
