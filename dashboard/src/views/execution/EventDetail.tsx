import { useLayoutEffect, useRef, useState } from "react";
import type { LiveEvent } from "../../client/events";
import { useApi } from "../../client/react";
import { Button, CopyButton, ErrorBox, Json } from "../../ui";
import { referencesOf } from "./lines";
import { wholeEvent } from "./whole";

interface Props {
  event: LiveEvent;
  place: number;
  onMeasured: (place: number, extra: number) => void;
  onMoment: (count: number) => void;
  onStep: (step: string) => void;
}

/** An event as JSON; payloads that came as references are loaded when somebody asks for them. */
export function EventDetail({ event, place, onMeasured, onMoment, onStep }: Props) {
  const api = useApi();
  const box = useRef<HTMLDivElement>(null);
  const [whole, setWhole] = useState<unknown>(null);
  const [error, setError] = useState<unknown>(null);
  const [loading, setLoading] = useState(false);
  const references = whole === null ? referencesOf(event) : [];
  const address = references[0]?.ref;
  const step = "step" in event ? event.step : "";

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watched = new ResizeObserver(() => onMeasured(place, element.offsetHeight));
    watched.observe(element);
    return () => watched.disconnect();
  }, [place, onMeasured]);

  const load = async (from: string) => {
    setLoading(true);
    setError(null);
    try {
      setWhole(await wholeEvent(api, from));
    } catch (raised) {
      setError(raised);
    }
    setLoading(false);
  };
  const shown = whole ?? event;
  return (
    <div ref={box} className="ex-detail">
      <div className="row wrap">
        <Button kind="quiet" onClick={() => onMoment(place + 1)}>
          Show the plan at event {event.sequence}
        </Button>
        {step && (
          <Button kind="quiet" onClick={() => onStep(step)}>
            Show step {step}
          </Button>
        )}
        {address && (
          <Button onClick={() => void load(address)} disabled={loading}>
            {loading
              ? "Loading…"
              : `Load ${references.map((one) => `${one.path} (${Math.ceil(one.bytes / 1024)} KiB)`).join(", ")}`}
          </Button>
        )}
        <CopyButton text={JSON.stringify(shown, null, 2)} what="event" />
      </div>
      {error !== null && <ErrorBox error={error} what="The payload could not be loaded" />}
      <Json value={shown} label={`event ${event.sequence}`} />
    </div>
  );
}
