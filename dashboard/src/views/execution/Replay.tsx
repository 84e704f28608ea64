import { type KeyboardEvent, useMemo } from "react";
import { Button, durationOf, SelectField } from "../../ui";
import { lineOf, toneOf } from "./lines";
import { clockOf } from "./moments";
import type { Recording } from "./recording";
import { Sign } from "./signs";
import { type Playback, SPEEDS } from "./usePlayback";

interface Props {
  recording: Recording;
  length: number;
  playback: Playback;
}

/** Drag to any event: the whole view shows what was at it. */
export function Replay({ recording, length, playback }: Props) {
  const { count, playing, speed } = playback;
  const shown = count ?? length;
  const event = recording.events[shown - 1];
  const began = recording.events[0];
  const passed = event && began ? Date.parse(event.timestamp) - Date.parse(began.timestamp) : 0;
  const text = event
    ? `event ${shown} of ${length}, ${clockOf(Date.parse(event.timestamp))}, ${event.type}`
    : `before the first of ${length} events`;
  const marks = useMemo(() => marksOf(recording, length), [recording, length]);

  const keyed = (pressed: KeyboardEvent) => {
    if (pressed.key === " ") {
      pressed.preventDefault();
      playback.toggle();
    } else if (pressed.key === "Escape" && count !== null) {
      pressed.preventDefault();
      playback.live();
    }
  };

  return (
    <section className={`ex-replay${count === null ? "" : " ex-past"}`} aria-label="replay">
      <Button
        aria-label={playing ? "pause" : "play"}
        aria-keyshortcuts="Space"
        onClick={playback.toggle}
        disabled={length === 0}
      >
        <Sign name={playing ? "pause" : "play"} />
      </Button>
      <div className="ex-scrub">
        <svg viewBox="0 0 200 8" preserveAspectRatio="none" className="ex-marks" aria-hidden="true">
          {marks.map(({ place, tone }) => (
            <rect
              key={place}
              x={place}
              y={tone === "idle" ? 3 : 0}
              width={0.7}
              height={tone === "idle" ? 5 : 8}
              className={`fill-${tone}`}
            />
          ))}
        </svg>
        <input
          type="range"
          min={0}
          max={Math.max(1, length)}
          value={shown}
          step={1}
          disabled={length === 0}
          aria-label="event to show"
          aria-valuetext={text}
          onChange={(changed) => playback.goTo(Number(changed.target.value))}
          onKeyDown={keyed}
        />
      </div>
      <output className="ex-moment mono" title={event ? lineOf(event).text : undefined}>
        <b>
          {shown}/{length}
        </b>{" "}
        <span className="quiet">
          {event ? `${clockOf(Date.parse(event.timestamp))}, ${durationOf(passed)} in` : "before it began"}
        </span>
      </output>
      <SelectField
        label="speed"
        value={String(speed)}
        onChange={(value) => playback.setSpeed(Number(value))}
        choices={SPEEDS.map((one) => ({ value: String(one), text: `${one}×` }))}
      />
      <Button kind={count === null ? "quiet" : "primary"} onClick={playback.live} aria-pressed={count === null}>
        <i className={count === null ? "dot dot-ok tone-ok" : "dot dot-idle"} aria-hidden="true" />{" "}
        {count === null ? "Live" : "Back to live"}
      </Button>
    </section>
  );
}

const SLOTS = 200;
const WEIGHT = { idle: 0, info: 1, ok: 2, warn: 3, bad: 4 } as const;

/** What decides, where it stands on the slider; of several in one place the gravest. */
function marksOf(recording: Recording, length: number) {
  const found = new Map<number, keyof typeof WEIGHT>();
  recording.events.slice(0, length).forEach((event, index) => {
    if (event.type === "agent-thinking" || event.type.startsWith("tool-") || event.type === "agent-start") return;
    const tone = toneOf(event);
    const place = Math.round(((index + 1) / Math.max(1, length)) * (SLOTS - 1));
    const held = found.get(place);
    if (held === undefined || WEIGHT[tone] > WEIGHT[held]) found.set(place, tone);
  });
  return [...found].map(([place, tone]) => ({ place, tone }));
}
