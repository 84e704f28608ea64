// Payloads that came as references: fetched when somebody looks at them, and once only.

import { useEffect, useState } from "react";
import { isReference } from "../../client/events";
import type { Api } from "../../client";
import { useApi } from "../../client/react";

const fetched = new WeakMap<Api, Map<string, Promise<Record<string, unknown>>>>();

/** The event that an address stands for, nothing in it by reference. What fails is asked for again the next time. */
export function wholeEvent(api: Api, address: string): Promise<Record<string, unknown>> {
  const known = fetched.get(api) ?? new Map<string, Promise<Record<string, unknown>>>();
  fetched.set(api, known);
  let asked = known.get(address);
  if (!asked) {
    asked = api.get<Record<string, unknown>>(address);
    asked.catch(() => known.delete(address));
    known.set(address, asked);
  }
  return asked;
}

export interface Whole {
  value: unknown;
  loading: boolean;
  error: unknown;
}

/** value: a payload that stands under `field` in its event, or the reference to it. */
export function useWhole(value: unknown, field: string): Whole {
  const api = useApi();
  const address = isReference(value) ? value.$ref : null;
  const [found, setFound] = useState<{ address: string; value?: unknown; error?: unknown } | null>(null);
  useEffect(() => {
    if (address === null) return;
    let wanted = true;
    wholeEvent(api, address).then(
      (event) => wanted && setFound({ address, value: fieldOf(event, field) }),
      (error: unknown) => wanted && setFound({ address, error }),
    );
    return () => {
      wanted = false;
    };
  }, [api, address, field]);
  if (address === null) return { value, loading: false, error: null };
  const here = found?.address === address ? found : null;
  return { value: here?.value ?? null, loading: here === null, error: here?.error ?? null };
}

/** The event stands there itself, or under `event` beside its place. */
function fieldOf(told: Record<string, unknown>, field: string): unknown {
  const event = (typeof told["event"] === "object" && told["event"] !== null ? told["event"] : told) as Record<
    string,
    unknown
  >;
  return event[field] ?? null;
}
