import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { type Api, LiveSocket, type Me } from "../client";
import { LiveProvider } from "../client/react";
import { type Read, Reading, UNREAD } from "../client/reading";
import { ErrorBox, Known, ToastHost } from "../ui";
import { access, onAccess, readKey } from "./access";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

/** Nobody sees more than the sign-in, and nothing is asked for, before the platform has said who he is. */
export function Entry({ api }: { api: Api }) {
  const { asked, visit } = useSyncExternalStore(onAccess, access);
  if (asked !== null) return <SignIn key={visit} asked={asked} />;
  return <Visit key={visit} api={api} />;
}

function Visit({ api }: { api: Api }) {
  const [{ value: me, error }, setRead] = useState<Read<Me>>(UNREAD);
  useEffect(() => {
    const reading = new Reading<Me>((signal) => api.get<Me>("/api/v1/me", { signal }), setRead);
    reading.renew();
    return () => reading.end();
  }, [api]);
  if (me) {
    return (
      <Live api={api}>
        <Known.Provider value={me}>
          <ToastHost>
            <Shell me={me} />
          </ToastHost>
        </Known.Provider>
      </Live>
    );
  }
  // It comes within a moment; what does not come is tried again by itself.
  if (error === null) return null;
  return (
    <main className="entry" id="main">
      <ErrorBox error={error} what="The platform does not say who this is" onRetry={() => location.reload()} />
    </main>
  );
}

/** A socket is its visitor's: another one has another. */
function Live({ api, children }: { api: Api; children: ReactNode }) {
  const [socket, setSocket] = useState<LiveSocket | null>(null);
  useEffect(() => {
    const made = new LiveSocket({ token: readKey });
    const stop = followed(made, api);
    setSocket(made);
    return () => {
      stop();
      made.close();
    };
  }, [api]);
  return (
    socket && (
      <LiveProvider api={api} socket={socket}>
        {children}
      </LiveProvider>
    )
  );
}

/** It is tried again when there is a reason to, and when it is lost, whether it was refused is found out. */
function followed(socket: LiveSocket, api: Api): () => void {
  const again = () => socket.retryNow();
  // A laptop that wakes up, or a network that is back, need not wait for the next try.
  const shown = () => document.hidden || again();
  // A browser does not say why a socket was refused; a request does.
  const changed = () => {
    if (socket.state.name === "waiting" && socket.state.tries <= 1) api.get("/api/v1/me").catch(() => undefined);
  };
  const unheard = socket.onState(changed);
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", shown);
  return () => {
    unheard();
    window.removeEventListener("online", again);
    document.removeEventListener("visibilitychange", shown);
  };
}
