/**
 * Who the page is to the platform: an API key or a token, kept as long as the browser's tab. Where the platform runs on
 * loopback for its owner, none is needed.
 */
const KEPT = "reveille.key";

let refused = false;
const listeners = new Set<() => void>();

export function readKey(): string {
  return sessionStorage.getItem(KEPT) ?? "";
}

export function keepKey(key: string): void {
  if (key) sessionStorage.setItem(KEPT, key);
  else sessionStorage.removeItem(KEPT);
  become(false);
}

/** The platform does not know who this is: nothing can be shown before somebody says. */
export function isRefused(): boolean {
  return refused;
}

export function refuse(): void {
  become(true);
}

export function onRefused(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(now: boolean): void {
  if (refused === now) return;
  refused = now;
  for (const listener of [...listeners]) listener();
}
