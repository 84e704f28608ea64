/** React's hooks over the client: one Api and one LiveSocket for all that stands under a LiveProvider. */
import {
  createContext,
  createElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { type Changed, Changes } from "./changes.ts";
import type { ConnectionState } from "./connection.ts";
import type { Area, LiveEvent } from "./events.ts";
import { type Read, Reading, UNREAD } from "./reading.ts";
import type { Api, Query } from "./rest.ts";
import type { LiveSocket } from "./socket.ts";
import type { Filter, LiveError } from "./wire.ts";

interface Platform {
  api: Api;
  socket: LiveSocket;
  changes: Changes;
}

const Given = createContext<Platform | null>(null);

interface ProviderProps {
  api: Api;
  socket: LiveSocket;
  children?: ReactNode;
}

export function LiveProvider({ api, socket, children }: ProviderProps) {
  const platform = useMemo(() => ({ api, socket, changes: new Changes() }), [api, socket]);
  const { changes } = platform;
  useEffect(() => socket.overview((told) => changes.take(told.changed, told.position)), [socket, changes]);
  return createElement(Given.Provider, { value: platform }, children);
}

function usePlatform(): Platform {
  const platform = useContext(Given);
  if (!platform) throw new Error("there is no LiveProvider around this component");
  return platform;
}

export function useApi(): Api {
  return usePlatform().api;
}

export function useSocket(): LiveSocket {
  return usePlatform().socket;
}

export function useConnection(): ConnectionState {
  const { socket } = usePlatform();
  const watch = useCallback((told: () => void) => socket.onState(told), [socket]);
  return useSyncExternalStore(watch, () => socket.state);
}

/** How often each area of the platform has changed, and the position to wait for when it is read. */
export function useOverview(): Changed {
  const { changes } = usePlatform();
  return useSyncExternalStore(changes.watch, () => changes.now);
}

export interface ReadOptions {
  query?: Query;
  /** Read again when one of these changes. */
  areas?: readonly Area[];
  /** Statuses beside 2xx that are an answer too. */
  take?: readonly number[];
}

export interface LiveRead<T> extends Read<T> {
  /** position: of what was just written; without it, as new as is known. */
  again: (position?: number) => void;
}

/**
 * GET path, and again whenever one of its areas changes; path null reads nothing. While another query is read, the value of
 * the one before stays; of another path it does not. What fails for now is tried again by itself.
 */
export function useRead<T>(path: string | null, { query = {}, areas = [], take = [] }: ReadOptions = {}): LiveRead<T> {
  const { api, changes, socket } = usePlatform();
  const [read, setRead] = useState<Read<T> & { path: string | null }>({ ...UNREAD, path });
  const reading = useRef<Reading<T> | null>(null);
  const asked = JSON.stringify({ query, take });
  const watched = areas.join();

  useEffect(() => {
    if (path === null) return;
    const sent = JSON.parse(asked) as { query: Query; take: number[] };
    const fetch = async (signal: AbortSignal): Promise<T> => {
      // "": nothing is known to wait for.
      const query = { ...sent.query, wait_for: changes.now.position || "" };
      const answer = await api.get<T>(path, { query, take: sent.take, signal });
      socket.retryNow(); // who answers here is there again for the socket too
      return answer;
    };
    const made = new Reading<T>(fetch, (told) => {
      setRead((before) => ({ ...told, value: told.value ?? (before.path === path ? before.value : undefined), path }));
    });
    reading.current = made;
    made.renew();
    return () => made.end();
  }, [api, changes, socket, path, asked]);

  useEffect(() => {
    const wanted = watched.split(",") as Area[];
    let seen = wanted.map((area) => changes.now.versions[area]).join();
    return changes.watch(() => {
      const versions = wanted.map((area) => changes.now.versions[area]).join();
      if (versions !== seen) reading.current?.renew();
      seen = versions;
    });
  }, [changes, watched]);

  const again = useCallback(
    (position = 0) => {
      changes.take([], position);
      reading.current?.renew();
    },
    [changes],
  );
  return { ...(read.path === path ? read : UNREAD), again };
}

export interface EventsOptions extends Filter {
  /** The last sequence that is known; 0, unless told: from the beginning. */
  after?: number;
}

export interface ExecutionEvents {
  /** In order, each once, without a hole but for what the filter keeps back. */
  events: readonly LiveEvent[];
  /** Of the newest event that there was when it was subscribed; null: not yet. */
  sequence: number | null;
  error: LiveError | null;
}

const NOTHING: ExecutionEvents = { events: [], sequence: null, error: null };

/** History, then live. Events that come together are told together: at most once a frame. */
export function useExecutionEvents(executionId: string | null, options: EventsOptions = {}): ExecutionEvents {
  const { socket } = usePlatform();
  const [told, setTold] = useState(NOTHING);
  const asked = JSON.stringify(options);

  useEffect(() => {
    setTold(NOTHING);
    if (executionId === null) return;
    const { after = 0, ...filter } = JSON.parse(asked) as EventsOptions;
    let held: LiveEvent[] = [];
    let frame: ReturnType<typeof setTimeout> | undefined;
    const flush = (): void => {
      const come = held;
      held = [];
      frame = undefined;
      setTold((before) => ({ ...before, events: [...before.events, ...come] }));
    };
    const stop = socket.watch(executionId, {
      ...filter,
      after,
      onEvent: (event) => {
        held.push(event);
        frame ??= setTimeout(flush, 16);
      },
      onSubscribed: (sequence) => setTold((before) => ({ ...before, sequence })),
      onError: (error) => setTold((before) => ({ ...before, error })),
    });
    return () => {
      stop();
      clearTimeout(frame);
    };
  }, [socket, executionId, asked]);

  return told;
}
