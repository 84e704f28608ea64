import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Recording } from "./recording";

export const SPEEDS = [1, 2, 5, 10, 25, 100] as const;

export interface Playback {
  /** How many events are shown; null: all there are, live. */
  count: number | null;
  playing: boolean;
  speed: number;
  /** The end is live. */
  goTo: (count: number) => void;
  live: () => void;
  toggle: () => void;
  setSpeed: (speed: number) => void;
}

/** length: how many events there are by now. */
export function usePlayback(recording: Recording, length: number): Playback {
  const [count, setCount] = useState<number | null>(null);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(1);
  const clock = useRef(0);

  const live = useCallback(() => {
    setPlaying(false);
    setCount(null);
  }, []);
  const goTo = useCallback(
    (wanted: number) => {
      const next = Math.max(0, Math.min(wanted, recording.length));
      clock.current = recording.timeAt(next);
      if (next === recording.length) live();
      else setCount(next);
    },
    [recording, live],
  );
  const toggle = useCallback(() => {
    if (playing) {
      setPlaying(false);
      return;
    }
    if (recording.length === 0) return;
    if (count === null) {
      clock.current = -1;
      setCount(0);
    } else {
      clock.current = recording.timeAt(count);
    }
    setPlaying(true);
  }, [playing, recording, count]);

  useEffect(() => live(), [recording, live]);
  useEffect(() => {
    if (!playing) return;
    let before = performance.now();
    let frame = requestAnimationFrame(function next(now) {
      clock.current += (now - before) * speed;
      before = now;
      const reached = recording.countAt(clock.current);
      if (reached >= recording.length) live();
      else {
        setCount(reached);
        frame = requestAnimationFrame(next);
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, recording, live]);

  const shown = count !== null && count > length ? null : count;
  return useMemo(
    () => ({ count: shown, playing, speed, goTo, live, toggle, setSpeed }),
    [shown, playing, speed, goTo, live, toggle],
  );
}
