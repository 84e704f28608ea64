import { Bar, Count, durationOf, Figure, Figures, moneyOf, useNow } from "../../ui";
import type { ExecutionDocument, Range } from "./documents";
import type { RunState } from "./state";
import type { ShownStep } from "./merge";
import { moneyOfResults } from "./moments";

interface Props {
  execution: ExecutionDocument | undefined;
  state: RunState;
  steps: ReadonlyMap<string, ShownStep>;
  past: boolean;
}

/** What it has used and how far it is, at the moment that is shown. */
export function Totals({ execution, state, steps, past }: Props) {
  const now = useNow();
  const began = state.startedAt;
  const until = past ? state.at : (state.endedAt ?? now);
  const inPlan = [...steps.values()].filter((step) => step.status !== "removed" && step.status !== "skipped");
  const done = inPlan.filter((step) => step.status === "done").length;
  const running = inPlan.filter((step) => step.status === "running");
  const scores = [...state.departments.values()].flatMap((one) => (one.score === null ? [] : [one.score]));
  const quality = scores.length ? scores.reduce((sum, score) => sum + score, 0) / scores.length : null;
  const money = past
    ? moneyOfResults(inPlan.map((step) => step.result))
    : (execution?.budget?.total_budget ?? moneyOfResults(inPlan.map((step) => step.result)));
  const limit = execution?.budget?.limit ?? null;
  const tokens = past || !execution ? state.tokens : Math.max(execution.tokens_used, state.tokens);
  return (
    <Figures label={past ? "figures at this moment" : "figures"}>
      <Figure label="steps done" note={running.length > 0 ? `${running.length} running` : undefined}>
        {done} <span className="quiet">of {inPlan.length}</span>
        <Bar
          value={done}
          max={inPlan.length}
          label="steps done"
          text={`${done} of ${inPlan.length}`}
          tone={done === inPlan.length ? "ok" : "info"}
        />
      </Figure>
      <Figure label={state.endedAt !== null && !past ? "took" : "time"}>
        {began === null ? "not yet" : durationOf(Math.max(0, until - began))}
      </Figure>
      <Figure label="tokens" note={tokens === 0 ? "none: offline" : undefined}>
        <Count value={tokens} />
      </Figure>
      {((money && money.max > 0) || limit !== null) && (
        <Figure label="money" note={limit !== null ? `limit ${moneyOf(limit)}` : undefined}>
          {money ? spread(money) : "none yet"}
        </Figure>
      )}
      <Figure
        label="runs"
        note={
          state.agents.size > 0 ? `by ${state.agents.size} ${state.agents.size === 1 ? "agent" : "agents"}` : undefined
        }
      >
        <Count value={state.runs} />
      </Figure>
      {quality !== null && (
        <Figure label="quality" note={state.revisions > 0 ? `${state.revisions} sent back` : undefined}>
          {Math.round(quality)} <span className="quiet">of 100</span>
        </Figure>
      )}
      {state.tools > 0 && (
        <Figure label="tool calls">
          <Count value={state.tools} />
        </Figure>
      )}
    </Figures>
  );
}

function spread({ min, max }: Range): string {
  return min === max ? moneyOf(min) : `${moneyOf(min)} – ${moneyOf(max)}`;
}
