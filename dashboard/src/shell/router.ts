import { useMemo, useSyncExternalStore } from "react";

/** `#/executions/abc?status=failed`: one file serves all views, and a reload stays where it was. */
export interface Route {
  /** ["executions", "abc"] */
  path: readonly string[];
  query: URLSearchParams;
}

export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

export function hrefOf(path: readonly string[], query: Record<string, string> = {}): string {
  const kept = Object.entries(query).filter(([, value]) => value !== "");
  const asked = kept.length > 0 ? `?${new URLSearchParams(kept)}` : "";
  return `#/${path.map(encodeURIComponent).join("/")}${asked}`;
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(watch, () => location.hash);
  return useMemo(() => routeOf(hash), [hash]);
}

export function go(href: string): void {
  location.hash = href;
}

/** One name of the query, as state: a filter that a reload keeps and a link carries. It leaves no trail to go back through. */
export function useQuery(name: string): [string, (value: string) => void] {
  const { query } = useRoute();
  const set = (value: string) => {
    const { path, query: now } = routeOf(location.hash);
    history.replaceState(null, "", hrefOf(path, { ...Object.fromEntries(now), [name]: value }));
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  };
  return [query.get(name) ?? "", set];
}

function watch(told: () => void): () => void {
  window.addEventListener("hashchange", told);
  return () => window.removeEventListener("hashchange", told);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
