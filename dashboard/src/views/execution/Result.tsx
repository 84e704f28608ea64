import { CopyButton, EmptyState, ErrorBox, Json, Skeleton } from "../../ui";
import { PartyCards } from "../parties/PartyCards";
import type { ShownStep } from "./merge";
import { Screenplay } from "./Screenplay";
import { useWhole } from "./whole";

interface Props {
  blueprint: string;
  status: string;
  result: unknown;
  /** Of a hierarchy that waits to be released: what it is about to come to. */
  composed: unknown;
  error: string;
  steps: ReadonlyMap<string, ShownStep>;
}

/** What it came to: a scene to read, a party to look at, or what else it is. */
export function Result({ blueprint, status, result, composed, error, steps }: Props) {
  const released = result !== null && result !== undefined;
  const whole = useWhole(released ? result : composed, released ? "result" : "output");
  if (error) return <p className="ex-error">{error}</p>;
  if (blueprint === "party")
    return <PartyCards steps={[...steps.values()].filter((step) => step.status !== "removed")} />;
  if (whole.loading) return <Skeleton lines={8} />;
  if (whole.error) return <ErrorBox error={whole.error} what="The result could not be loaded" />;
  if (whole.value === null || whole.value === undefined) {
    return <EmptyState title={status === "completed" ? "It came to nothing" : "No result yet"} />;
  }
  const value = whole.value as Record<string, unknown>;
  const said = (name: string) => (typeof value[name] === "string" ? (value[name] as string) : "");
  const text = said("text");
  return (
    <div className="stack">
      {!released && <p className="ex-says">This is composed, and not released yet.</p>}
      {text.includes("\n") ? (
        <>
          <div className="row spread">
            <span className="small quiet">{said("summary")}</span>
            <CopyButton text={text} what="text" />
          </div>
          <Screenplay title={said("title")} logline={said("logline")} text={text} />
          <details>
            <summary>All of the result</summary>
            <Json value={value} label="result" />
          </details>
        </>
      ) : (
        <>
          {said("summary") && <p>{said("summary")}</p>}
          <Json value={whole.value} label="result" />
        </>
      )}
    </div>
  );
}
