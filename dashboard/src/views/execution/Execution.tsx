import { useCallback, useEffect, useMemo, useState } from "react";
import { useRead } from "../../client/react";
import { Card, EmptyState, ErrorBox, Page, Skeleton, Spinner, Tabs } from "../../ui";
import { pathOf } from "./acts";
import { Activity } from "./Activity";
import { Causes } from "./Causes";
import { DepartmentCards } from "./DepartmentCards";
import { departmentsOf } from "./departments";
import type { ExecutionDocument, StepDocument } from "./documents";
import { Acts, Origin, StatusBadge } from "./Head";
import { Inputs } from "./Inputs";
import { shownSteps } from "./merge";
import { PlanGraph } from "./PlanGraph";
import { Questions } from "./Questions";
import { Replay } from "./Replay";
import { Result } from "./Result";
import { StepPanel } from "./StepPanel";
import { stepsOf } from "./steps";
import { Totals } from "./Totals";
import { usePlayback } from "./usePlayback";
import { useRecording } from "./useRecording";
import "./execution.css";

const NO_STEPS: readonly StepDocument[] = [];

export function Execution({ id = "" }: { id?: string }) {
  const read = useRead<ExecutionDocument>(pathOf(id), { areas: ["executions", "approvals"] });
  const { recording, length, subscribed, error } = useRecording(id);
  const playback = usePlayback(recording, length);
  const past = playback.count !== null;
  const state = useMemo(() => recording.at(playback.count ?? length), [recording, length, playback.count]);
  const last = useMemo(() => recording.at(length), [recording, length]);
  const execution = read.value;
  const documents = execution?.steps ?? NO_STEPS;
  const shown = useMemo(() => shownSteps(documents, state, past, last), [documents, state, past, last]);
  const steps = useMemo(() => stepsOf(documents, last.steps), [documents, last]);
  const departments = useMemo(
    () => departmentsOf(steps, shown, state, execution?.departments),
    [steps, shown, state, execution],
  );
  const [selected, setSelected] = useState<string | null>(null);
  const [tab, setTab] = useState("result");
  const close = useCallback(() => setSelected(null), []);
  useEscape(selected !== null, close);

  if (!execution) {
    if (read.error)
      return <ErrorBox error={read.error} what={`Execution ${id} could not be read`} onRetry={read.again} />;
    return <Skeleton lines={10} label="loading the execution" />;
  }
  const step = selected === null ? undefined : shown.get(selected);
  const titles = new Map(departments.map((one) => [one.name, one.title]));
  const status = past ? state.status : execution.status;
  const event = past && playback.count ? recording.events[playback.count - 1] : undefined;
  const prompt = state.prompt || execution.inputs[0]?.content || "";
  const moment = past ? (event ? { sequence: event.sequence, at: event.timestamp } : null) : null;
  const tabs = [
    { name: "result", title: "Result" },
    { name: "causes", title: "Causes" },
    ...(execution.blueprint ? [{ name: "inputs", title: `Inputs (${execution.inputs.length})` }] : []),
  ];
  return (
    <Page
      title={execution.blueprint || execution.agent || "Execution"}
      about={<StatusBadge status={status} past={past} />}
      actions={<Acts execution={execution} moment={moment} onChange={read.again} />}
    >
      <div className="ex">
        <Origin execution={execution} prompt={prompt} />
        {read.error ? (
          <ErrorBox error={read.error} what="What is shown is not the newest" onRetry={read.again} />
        ) : null}
        {error && <ErrorBox error={error} what="Its events cannot be watched" />}
        {!past && <Questions approvals={execution.approvals} onDecided={read.again} />}
        <Totals execution={execution} state={state} steps={shown} past={past} />
        <Replay recording={recording} length={length} playback={playback} />
        <Card title="Plan" className="ex-plan">
          {steps.length > 0 ? (
            <div className={step ? "ex-plan-row with-step" : "ex-plan-row"}>
              <PlanGraph steps={steps} shown={shown} selected={selected} onSelect={setSelected} titles={titles} />
              {step && (
                <StepPanel step={step} inputs={execution.inputs} past={past} onStep={setSelected} onClose={close} />
              )}
            </div>
          ) : (
            <EmptyState title="No step is planned yet">
              {execution.plan?.next_steps[0] ?? "Its inputs are being read."}
            </EmptyState>
          )}
        </Card>
        {departments.length > 0 && (
          <DepartmentCards departments={departments} at={past ? state.at : null} onStep={setSelected} />
        )}
        <div className="ex-columns">
          <div className="ex-main">
            <Card label="result, causes and inputs">
              <Tabs label="more of it" tabs={tabs} open={tab} onOpen={setTab}>
                {tab === "result" && (
                  <Result
                    blueprint={execution.blueprint}
                    status={status}
                    result={state.result ?? (past ? null : finished(execution))}
                    composed={shown.get("compose")?.result ?? null}
                    error={past || execution.status === "failed" ? state.error : ""}
                    steps={shown}
                  />
                )}
                {tab === "causes" && <Causes executionId={execution.id} />}
                {tab === "inputs" && <Inputs inputs={execution.inputs} facts={execution.facts} />}
              </Tabs>
            </Card>
          </div>
          <Card
            title="Activity"
            className="ex-side"
            actions={!subscribed && !error && <Spinner label="reading what happened" />}
          >
            <Activity
              recording={recording}
              count={playback.count ?? length}
              past={past}
              onMoment={playback.goTo}
              onStep={setSelected}
            />
          </Card>
        </div>
      </div>
    </Page>
  );
}

/** What a plan that lives has by now is no result yet: only one that has ended has one where no event tells it. */
function finished(execution: ExecutionDocument): unknown {
  return execution.status === "completed" ? execution.result : null;
}

function useEscape(active: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!active) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) onEscape();
    };
    globalThis.addEventListener("keydown", pressed);
    return () => globalThis.removeEventListener("keydown", pressed);
  }, [active, onEscape]);
}
