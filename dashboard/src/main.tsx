// Before the views, whose own styles say more.
import "./design/tokens.css";
import "./design/base.css";
import "./ui/ui.css";
import "./shell/shell.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Api } from "./client";
import { readKey, refuse } from "./shell/access";
import { Entry } from "./shell/Entry";
import { applyTheme } from "./shell/theme";

applyTheme();

/** A page that misses a file so early has not become old, and loading it again would not help. */
const RELOADED_MS = 5000;

const api = new Api({ token: readKey, onRefused: refuse });
// Another build has been deployed, and with it the files of this one have gone: the new page has what was asked for.
window.addEventListener("vite:preloadError", (event) => {
  if (performance.now() < RELOADED_MS) return; // that is what it just did
  event.preventDefault();
  location.reload();
});

const page = document.getElementById("page");
if (!page) throw new Error("the page has no element #page");
createRoot(page).render(
  <StrictMode>
    <Entry api={api} />
  </StrictMode>,
);
