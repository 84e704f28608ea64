import { useSyncExternalStore } from "react";

export type Theme = "system" | "dark" | "light";

const KEY = "reveille.theme";
const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const listeners = new Set<() => void>();

function stored(): Theme {
  const found = localStorage.getItem(KEY);
  return found === "dark" || found === "light" ? found : "system";
}

/** Before anything is drawn. */
export function applyTheme(): void {
  const theme = stored();
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function useTheme(): [Theme, () => void] {
  const theme = useSyncExternalStore(watch, stored);
  const turn = () => {
    localStorage.setItem(KEY, NEXT[stored()]);
    applyTheme();
    for (const told of listeners) told();
  };
  return [theme, turn];
}

function watch(told: () => void): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}
