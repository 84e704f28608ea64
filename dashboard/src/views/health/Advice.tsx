import type { ReactNode } from "react";
import type { Status, Totals } from "../../client";

interface Props {
  readiness: { reasons: string[] } | undefined;
  status: Status | undefined;
  totals: Totals | undefined;
  /** Dead letters that nobody has decided about. */
  parked: number;
  lost: boolean;
}

/** What to do about what is not well; nothing where all is. */
export function Advice(props: Props) {
  const told = adviceOf(props);
  if (told.length === 0) return null;
  return (
    <section className="advice" aria-label="what to do">
      <h2>What to do</h2>
      <ul className="stack">
        {told.map(([what, how]) => (
          <li key={what}>
            <strong>{what}.</strong> {how}
          </li>
        ))}
      </ul>
    </section>
  );
}

function adviceOf({ readiness, status, totals, parked, lost }: Props): [string, ReactNode][] {
  const told: [string, ReactNode][] = [];
  const away = Object.entries(status?.services ?? {}).filter(([, health]) => health !== "serving");
  for (const [name] of away) {
    told.push([
      `${name} does not answer`,
      "Look at its log and its /readyz. What is meant for it waits in its inbox, and is handled when it is back.",
    ]);
  }
  for (const name of totals?.bus.unreachable ?? []) {
    if (!away.some(([gone]) => gone === name)) told.push([`${name}'s inbox does not say its figures`, "It may be starting or overloaded."]);
  }
  if (readiness?.reasons.some((reason) => reason.includes("behind"))) {
    told.push(["Views are behind the log", "What you read is old by that much; it catches up by itself once the load is less."]);
  }
  if (parked > 0) {
    told.push([
      parked === 1 ? "A message is parked" : `${parked} messages are parked`,
      <>
        See <a href="#/deadletters">what they are</a>, mend what was wrong, then retry or drop them.
      </>,
    ]);
  }
  if (lost) told.push(["This page has no live connection", "What it shows stands still; it tries again by itself."]);
  return told;
}
