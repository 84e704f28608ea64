import { useEffect } from "react";
import { routes } from "./routes";

/** How long a `g` waits for the letter that says where to, in milliseconds. */
const PATIENCE = 1500;

interface Does {
  help: () => void;
}

/** Keys that work wherever nobody is typing. */
export function useShortcuts({ help }: Does): void {
  useEffect(() => {
    let goAt = -Infinity;
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      const typing = target.matches("input, textarea, select") || target.isContentEditable;
      if (event.key === "Escape" && typing && !target.closest("dialog")) target.blur();
      if (typing || document.querySelector("dialog[open]")) return;
      if (event.key === "g") {
        goAt = event.timeStamp;
        return;
      }
      const route = event.timeStamp - goAt < PATIENCE ? routes.find(({ key }) => key === event.key) : undefined;
      goAt = -Infinity;
      if (route) location.hash = `#/${route.name}`;
      else if (event.key === "?") help();
      else if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("[data-search]");
        if (!search) return;
        search.focus();
        search.select();
      } else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [help]);
}
