// Before the views, whose own styles say more.
import "./design/tokens.css";
import "./design/base.css";
import "./ui/ui.css";
import "./shell/shell.css";
import { StrictMode, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { Api, LiveSocket } from "./client";
import { LiveProvider } from "./client/react";
import { isRefused, onRefused, readKey, refuse } from "./shell/access";
import { Shell } from "./shell/Shell";
import { SignIn } from "./shell/SignIn";
import { applyTheme } from "./shell/theme";
import { ToastHost } from "./ui";

applyTheme();

/** A page that misses a file so early has not become old, and loading it again would not help. */
const RELOADED_MS = 5000;

const api = new Api({ token: readKey, onRefused: refuse });
const socket = new LiveSocket({ token: readKey });
// A browser does not say why a socket was refused; a request does.
socket.onState(() => {
  if (socket.state.name === "waiting" && socket.state.tries <= 1 && !isRefused()) api.get("/api/v1/me").catch(() => undefined);
});
// Whoever has signed in need not wait for the next try.
onRefused(() => !isRefused() && socket.retryNow());
// A laptop that wakes up, or a network that is back, need not wait for the next try.
window.addEventListener("online", () => socket.retryNow());
// Another build has been deployed, and with it the files of this one have gone: the new page has what was asked for.
window.addEventListener("vite:preloadError", (event) => {
  if (performance.now() < RELOADED_MS) return; // that is what it just did
  event.preventDefault();
  location.reload();
});
document.addEventListener("visibilitychange", () => !document.hidden && socket.retryNow());

/** Signed in or not, and nothing of the one in the other. */
function Page() {
  return useSyncExternalStore(onRefused, isRefused) ? <SignIn /> : <Shell />;
}

const page = document.getElementById("page");
if (!page) throw new Error("the page has no element #page");
createRoot(page).render(
  <StrictMode>
    <LiveProvider api={api} socket={socket}>
      <ToastHost>
        <Page />
      </ToastHost>
    </LiveProvider>
  </StrictMode>,
);
