// What people do to an execution: cancel it, and fork it as it was at a moment.

import type { Api } from "../../client";

export interface Written {
  execution_id: string;
  position: number;
}

interface Numbered {
  sequence: number;
  position: number;
}

interface Listed {
  items: Numbered[];
  next: string | null;
}

export function cancel(api: Api, executionId: string, reason: string): Promise<Written> {
  return api.post<Written>(`${pathOf(executionId)}/cancel`, reason ? { reason } : {});
}

/** live: a live event; null: as it stands now. Live events have numbers of their own: the log's are asked for. */
export async function fork(
  api: Api,
  executionId: string,
  live: { sequence: number; at: string } | null,
): Promise<Written> {
  if (live === null) return api.post<Written>(`${pathOf(executionId)}/fork`, {});
  const at = await inLog(api, executionId, live);
  return api.post<Written>(`${pathOf(executionId)}/fork`, { at });
}

/** The number in the plan's log of the last event that does not stand behind the live one. */
async function inLog(api: Api, executionId: string, live: { sequence: number; at: string }): Promise<number> {
  const query = { after: live.sequence - 1, limit: 1 };
  const found = await api.get<Listed>(`${pathOf(executionId)}/events`, { query });
  const position = found.items[0]?.position;
  if (position === undefined) throw new Error(`event ${live.sequence} of ${executionId} is not there any more`);
  let cursor: string | null = null;
  let last = 0;
  do {
    const page: Listed = await api.get<Listed>(`${pathOf(executionId)}/events`, {
      query: { log: true, limit: 500, cursor },
    });
    const before = lastBefore(page.items, position);
    if (before !== null) last = before;
    cursor = page.items.some((one) => one.position > position) ? null : page.next;
  } while (cursor !== null);
  if (last === 0) throw new Error(`event ${live.sequence} of ${executionId} stands before its plan began`);
  return last;
}

/** Items come in their order. */
export function lastBefore(items: readonly Numbered[], position: number): number | null {
  let found: number | null = null;
  for (const one of items) if (one.position <= position) found = one.sequence;
  return found;
}

export function pathOf(executionId: string): string {
  return `/api/v1/executions/${encodeURIComponent(executionId)}`;
}
