import { Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useRead } from "../client/react";
import type { Approval, DeadLetter, List, Me, Status } from "../client/types";
import { Button, EmptyState, Modal, Page, Skeleton } from "../ui";
import { focusHeading } from "../ui/heading";
import mark from "../design/mark.svg";
import { AccessForm } from "./AccessForm";
import { Boundary } from "./Boundary";
import { ConnectionState, DisconnectedBanner } from "./Connection";
import { Help } from "./Help";
import { useRoute } from "./router";
import { HOME, type RouteEntry, routes } from "./routes";
import { useShortcuts } from "./shortcuts";
import { type Theme, useTheme } from "./theme";

type Open = "help" | "access" | "more" | null;

export function Shell({ me }: { me: Me }) {
  const { path } = useRoute();
  const [open, setOpen] = useState<Open>(null);
  const close = useCallback(() => setOpen(null), []);
  useShortcuts({ help: useCallback(() => setOpen("help"), []) });
  const current = routes.find(({ name }) => name === (path[0] ?? HOME));
  // An id that only opens a dialog is no other view: what is behind it stays as it is.
  const view = current?.one && path[1] !== undefined ? `${current.name}/${path[1]}` : (current?.name ?? "");
  useHeadingFocus(view);
  return (
    <>
      <a className="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <div className="shell">
        <Navigation current={current?.name} me={me} open={setOpen} />
        <main id="main" tabIndex={-1}>
          <div className="top">
            <Brand />
            <ConnectionState />
          </div>
          <DisconnectedBanner />
          <Boundary key={view}>
            <Suspense fallback={<Skeleton lines={6} />}>
              <View route={current} id={path[1]} />
            </Suspense>
          </Boundary>
        </main>
      </div>
      {open === "help" && <Help onClose={close} />}
      {open === "access" && <AccessForm me={me} onClose={close} />}
      {open === "more" && (
        <Modal title="More" onClose={close}>
          <nav aria-label="more views" className="more" onClick={close}>
            {routes.filter(({ first }) => !first).map((route) => <NavLink key={route.name} route={route} />)}
          </nav>
          <Foot me={me} open={setOpen} />
        </Modal>
      )}
    </>
  );
}

function Brand() {
  return (
    <a className="brand" href={`#/${HOME}`} aria-label="Reveille, to the fleet">
      <img src={mark} alt="" width="26" height="26" />
      <span>Reveille</span>
    </a>
  );
}

function View({ route, id }: { route: RouteEntry | undefined; id: string | undefined }) {
  if (!route) {
    return (
      <Page title="Not here">
        <EmptyState title="There is no such view">The navigation has all there are.</EmptyState>
      </Page>
    );
  }
  const Shown = id !== undefined && route.one ? route.one : route.view;
  return id === undefined ? <Shown /> : <Shown id={id} />;
}

interface NavigationProps {
  current: string | undefined;
  me: Me;
  open: (what: Open) => void;
}

function Navigation({ current, me, open }: NavigationProps) {
  const approvals = useRead<List<Approval>>("/api/v1/approvals", { query: { status: "open" }, areas: ["approvals"] });
  const letters = useRead<List<DeadLetter>>("/api/v1/deadletters", { query: { status: "parked" }, areas: ["deadletters"] });
  const counts: Record<string, number> = {
    approvals: approvals.value?.items.length ?? 0,
    deadletters: letters.value?.items.length ?? 0,
  };
  const more = routes.some(({ name, first }) => !first && (name === current || counts[name]));
  return (
    <header className="side">
      <Brand />
      <nav aria-label="views" className="views">
        {routes.map((route) => (
          <NavLink key={route.name} route={route} current={route.name === current} count={counts[route.name] ?? 0} />
        ))}
        <button type="button" className={more ? "nav-link more-button noted" : "nav-link more-button"} onClick={() => open("more")}>
          <Icon path="M4 10h.01M10 10h.01M16 10h.01" bold />
          <span>More</span>
        </button>
      </nav>
      <Foot me={me} open={open} />
    </header>
  );
}

function NavLink({ route, current = false, count = 0 }: { route: RouteEntry; current?: boolean; count?: number }) {
  return (
    <a
      className={route.first ? "nav-link first" : "nav-link"}
      href={`#/${route.name}`}
      aria-current={current ? "page" : undefined}
      title={`${route.title} (g ${route.key})`}
    >
      <Icon path={route.icon} />
      <span>{route.title}</span>
      {count > 0 && (
        <span className="count">
          {count >= 50 ? "50+" : count}
          <span className="unseen"> open</span>
        </span>
      )}
    </a>
  );
}

function Icon({ path, bold = false }: { path: string; bold?: boolean }) {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" className="icon" strokeWidth={bold ? 3 : 1.5}>
      <path d={path} />
    </svg>
  );
}

const THEMES: Record<Theme, string> = { system: "as the system", dark: "dark", light: "light" };

/** Who this is, how it is connected, and what the page itself can be told. */
function Foot({ me, open }: { me: Me; open: (what: Open) => void }) {
  const status = useRead<Status>("/status", { areas: ["health"] });
  const [theme, turn] = useTheme();
  const { value } = status;
  return (
    <div className="foot">
      <ConnectionState />
      <p className="small who" title={`you are ${me.name}`}>
        {me.name}
      </p>
      <p className="quiet small who" title="roles and tenant">
        {[...me.roles, me.tenant].join(" · ")}
      </p>
      <p className="quiet small" title="mode and version">
        {value ? `${value.mode} · ${value.version}` : "…"}
      </p>
      <div className="row foot-buttons">
        <Button kind="quiet" onClick={turn} title={`colours: ${THEMES[theme]}`} aria-label={`colours: ${THEMES[theme]}`}>
          <Icon path="M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14" />
        </Button>
        <Button kind="quiet" onClick={() => open("access")} title="access" aria-label="access">
          <Icon path="M12.5 3.5a4 4 0 1 1-3.4 6.1L3.5 15.2V17h2.8v-2h2v-2h1.5l1-1M13.5 6.5h.01" />
        </Button>
        <Button kind="quiet" onClick={() => open("help")} title="keyboard (?)" aria-label="keyboard shortcuts">
          <Icon path="M7.5 7.5A2.5 2.5 0 1 1 10 10.2v1.6M10 14.5h.01" />
        </Button>
      </div>
    </div>
  );
}

/** The view has changed under whoever cannot see it: begin at its heading. */
function useHeadingFocus(view: string): void {
  const before = useRef(view);
  useEffect(() => {
    if (before.current === view) return;
    before.current = view;
    window.scrollTo(0, 0);
    focusHeading();
  }, [view]);
}

function skip(event: { preventDefault: () => void }): void {
  event.preventDefault(); // the address is the route's
  document.getElementById("main")?.focus();
}
