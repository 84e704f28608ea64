import { useEffect, useRef, useState } from "react";
import { useApi, useOverview } from "../../client/react";
import { pathOf } from "../execution/acts";
import { type LogItem, TELLING } from "./why";

interface Page {
  items: LogItem[];
  next: string | null;
}

/** What the log tells of a plan, from its beginning; what is new is read when executions have changed. */
export function useLog(id: string): readonly LogItem[] {
  const api = useApi();
  const { position, versions } = useOverview();
  const [items, setItems] = useState<readonly LogItem[]>([]);
  const wanted = useRef(0);
  const reading = useRef<AbortController | null>(null);
  const last = useRef(0);

  useEffect(() => {
    setItems([]);
    last.current = 0;
    return () => {
      reading.current?.abort();
      reading.current = null;
    };
  }, [id]);

  useEffect(() => {
    wanted.current = Math.max(wanted.current, position);
    if (reading.current) return;
    const controller = new AbortController();
    reading.current = controller;
    const read = async () => {
      let seen: number;
      do {
        seen = wanted.current;
        let more = true;
        while (more && !controller.signal.aborted) {
          const query = { log: true, type: TELLING.join(","), after: last.current, limit: 200, wait_for: seen || null };
          const page: Page = await api.get<Page>(`${pathOf(id)}/events`, { query, signal: controller.signal });
          if (controller.signal.aborted) return;
          last.current = page.items.at(-1)?.sequence ?? last.current;
          if (page.items.length) setItems((held) => [...held, ...page.items]);
          more = page.next !== null;
        }
      } while (seen < wanted.current);
    };
    // What could not be read is read with the next change; the view's own reads tell people of the failure.
    read()
      .catch(() => undefined)
      .finally(() => {
        if (reading.current === controller) reading.current = null;
      });
  }, [api, id, position, versions.executions]);

  return items;
}
