import { useMemo, useState } from "react";
import { useRead } from "../../client/react";
import { durationOf, EmptyState, ErrorBox, SelectField, Skeleton } from "../../ui";
import { askable, nameOf, wayTo } from "./way";
import type { CauseDocument } from "./documents";
import { clockOf } from "./moments";

/** Why something happened: the way from an outside act to it. */
export function Causes({ executionId }: { executionId: string }) {
  const read = useRead<{ items: CauseDocument[] }>(`/api/v1/executions/${encodeURIComponent(executionId)}/causes`, {
    areas: ["executions"],
  });
  const [wanted, setWanted] = useState("");
  const events = read.value?.items;
  const choices = useMemo(() => askable(events ?? []), [events]);
  const id = choices.some((one) => one.id === wanted) ? wanted : (choices[0]?.id ?? "");
  const way = useMemo(() => wayTo(events ?? [], id), [events, id]);

  if (read.error && !events)
    return <ErrorBox error={read.error} what="The causes could not be read" onRetry={read.again} />;
  if (!events) return <Skeleton lines={5} />;
  if (way.length === 0) return <EmptyState title="Nothing has a cause yet" />;
  const last = way.at(-1);
  const passed = last && way[0] ? Date.parse(last.at) - Date.parse(way[0].at) : 0;
  return (
    <div className="ex-causes">
      <div className="row wrap spread">
        <SelectField
          label="Why this happened"
          value={id}
          onChange={setWanted}
          choices={choices.slice(0, 200).map((one) => ({ value: one.id, text: one.summary || nameOf(one) }))}
        />
        <span className="small quiet">
          {way.length} events, {durationOf(passed)} from the first to the last
        </span>
      </div>
      <ol className="ex-way" aria-label="causes, the first one first">
        {way.map((link, place) => (
          <li key={link.id} className={`ex-cause service-${link.service.replaceAll("_", "-")}`}>
            <i className="ex-bead" aria-hidden="true" />
            <div>
              <p>
                <b>{link.name}</b> <span className="ex-service small">{link.service.replaceAll("_", "-")}</span>
              </p>
              <p className="quiet">{link.summary}</p>
            </div>
            <p className="small quiet mono ex-when">
              <time dateTime={link.at}>{clockOf(Date.parse(link.at), true)}</time>
              <span>{place === 0 ? "from outside" : `+${durationOf(link.later)}`}</span>
              {link.others > 0 && <span>{link.others} more came of it</span>}
            </p>
          </li>
        ))}
      </ol>
    </div>
  );
}
