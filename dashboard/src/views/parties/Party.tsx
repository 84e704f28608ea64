import { useMemo, useState } from "react";
import { useRead } from "../../client/react";
import { hrefOf } from "../../shell/router";
import { Badge, Bar, Card, ErrorBox, Page, Skeleton, toneOf } from "../../ui";
import { pathOf } from "../execution/acts";
import type { ExecutionDocument, PlanSummary, StepDocument } from "../execution/documents";
import { Acts } from "../execution/Head";
import { shownSteps } from "../execution/merge";
import { clockOf } from "../execution/moments";
import { PlanGraph } from "../execution/PlanGraph";
import { StepPanel } from "../execution/StepPanel";
import { useRecording } from "../execution/useRecording";
import { Budget } from "./Budget";
import { PartyCards } from "./PartyCards";
import { useLog } from "./useLog";
import { happenings, type LogItem, whyAgain } from "./why";
import { Wishes } from "./Wishes";
import "../execution/execution.css";
import "./parties.css";

const NO_STEPS: readonly StepDocument[] = [];

export function Party({ id = "" }: { id?: string }) {
  const read = useRead<ExecutionDocument>(pathOf(id), { areas: ["executions"] });
  const { recording, length, error } = useRecording(id);
  const log = useLog(id);
  const why = useMemo(() => whyAgain(log), [log]);
  const [selected, setSelected] = useState<string | null>(null);
  const party = read.value;
  const documents = party?.steps ?? NO_STEPS;
  const state = useMemo(() => recording.at(length), [recording, length]);
  const shown = useMemo(() => shownSteps(documents, state, false), [documents, state]);
  const inPlan = useMemo(
    () => documents.filter((step) => step.status !== "removed" && !step.name.startsWith("classify:")),
    [documents],
  );

  if (!party) {
    if (read.error) return <ErrorBox error={read.error} what={`Party ${id} could not be read`} onRetry={read.again} />;
    return <Skeleton lines={10} label="loading the party" />;
  }
  const plan = party.plan;
  const percent = plan?.completion_percent ?? 0;
  const step = selected === null ? undefined : shown.get(selected);
  const closed = party.status === "cancelled";
  const moving = !party.settled && !closed;
  return (
    <Page
      title={titleOf(shown) || "Party"}
      about={
        <span className="row wrap">
          <Badge status={party.status} />
          {moving && <span className="chip">planning</span>}
          <a href={hrefOf(["executions", party.id])}>all that happened</a>
        </span>
      }
      actions={<Acts execution={party} moment={null} onChange={read.again} />}
    >
      <div className="pa">
        {read.error ? (
          <ErrorBox error={read.error} what="What is shown is not the newest" onRetry={read.again} />
        ) : null}
        {error && <ErrorBox error={error} what="Its events cannot be watched" />}
        {party.detail && <p className="tone-warn">{party.detail}</p>}
        <Wishes id={party.id} inputs={party.inputs} closed={closed} onWritten={read.again} />
        <div className="pa-progress">
          <Bar
            value={percent}
            max={100}
            label="the plan"
            text={`${percent} % complete`}
            tone={percent === 100 ? "ok" : "info"}
          />
          <span className="small" role="status">
            <b>{percent} %</b> complete
            {plan && plan.missing_agents.length > 0 && (
              <span className="quiet">, missing: {plan.missing_agents.join(", ")}</span>
            )}
          </span>
        </div>
        <div className="pa-columns">
          <div className="ex-main">
            <PartyCards steps={inPlan.flatMap((one) => shown.get(one.name) ?? [])} why={why} />
            {inPlan.length > 0 && (
              <Card title="Plan">
                <PlanGraph steps={inPlan} shown={shown} selected={selected} onSelect={setSelected} />
              </Card>
            )}
          </div>
          <div className="pa-side">
            {step && (
              <Card label={`step ${step.name}`}>
                <StepPanel
                  step={step}
                  inputs={party.inputs}
                  past={false}
                  onStep={setSelected}
                  onClose={() => setSelected(null)}
                />
              </Card>
            )}
            <Budget budget={party.budget} />
            {plan && <NextSteps plan={plan} />}
            {plan && plan.recommendations.length > 0 && <Recommendations plan={plan} />}
            <Happened log={log} />
          </div>
        </div>
      </div>
    </Page>
  );
}

function NextSteps({ plan }: { plan: PlanSummary }) {
  return (
    <Card title="Next steps">
      {plan.next_steps.length === 0 ? (
        <p className="tone-ok">Nothing is missing.</p>
      ) : (
        <ul className="ex-reasons">
          {plan.next_steps.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Recommendations({ plan }: { plan: PlanSummary }) {
  return (
    <Card title="Recommendations">
      <ul className="pa-recommended">
        {plan.recommendations.map((one) => (
          <li key={one.category + one.description}>
            <span className={`chip tone-${toneOf(one.priority)}`}>{one.priority}</span>
            <span>
              <span className="quiet">{one.category}: </span>
              {one.description}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const SHOWN = 40;

function Happened({ log }: { log: readonly LogItem[] }) {
  const newest = useMemo(() => happenings(log, SHOWN), [log]);
  if (newest.length === 0) return null;
  return (
    <Card title="What happened">
      <ol className="pa-log small" aria-label="what happened, the newest first" tabIndex={0}>
        {newest.map((one) => (
          <li key={one.sequence}>
            <time className="mono quiet" dateTime={one.at}>
              {clockOf(Date.parse(one.at))}
            </time>
            <b aria-hidden="true">{one.sign}</b>
            <span>{one.text}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function titleOf(shown: ReadonlyMap<string, { result: unknown }>): string {
  const theme = shown.get("theme")?.result as { title?: unknown } | null | undefined;
  return typeof theme?.title === "string" ? theme.title : "";
}
