import { useEffect, useMemo, useState } from "react";
import { useExecutionEvents } from "../../client/react";
import type { LiveError } from "../../client";
import { Recording } from "./recording";

export interface Recorded {
  recording: Recording;
  /** How many of its events are to be shown by now. */
  length: number;
  /** The server tells of it; before that nothing is known. */
  subscribed: boolean;
  error: LiveError | null;
}

export function useRecording(executionId: string): Recorded {
  const told = useExecutionEvents(executionId);
  const recording = useMemo(() => new Recording(), [executionId]);
  const [length, setLength] = useState(0);
  const { events, sequence, error } = told;
  useEffect(() => {
    // Of the execution that was shown before this one.
    if (events[0] && events[0].executionId !== executionId) return;
    recording.push(recording.length ? events.slice(recording.length) : events);
    setLength(recording.length);
  }, [events, recording, executionId]);
  return { recording, length: Math.min(length, recording.length), subscribed: sequence !== null, error };
}
