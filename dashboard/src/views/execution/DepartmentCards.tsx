import { Badge, Bar, Card, durationOf, type Tone, useNow } from "../../ui";
import type { DepartmentCard, SpecialistCard } from "./departments";
import { Sign, signOf } from "./signs";

interface Props {
  departments: readonly DepartmentCard[];
  /** The time that is shown; null: now. */
  at: number | null;
  onStep: (step: string) => void;
}

export function DepartmentCards({ departments, at, onStep }: Props) {
  return (
    <div className="ex-departments">
      {departments.map((department) => (
        <One key={department.name} department={department} at={at} onStep={onStep} />
      ))}
    </div>
  );
}

const WORDS: Readonly<Record<string, Tone>> = { working: "info", "not woken": "idle", waiting: "idle" };

function One({
  department,
  at,
  onStep,
}: {
  department: DepartmentCard;
  at: number | null;
  onStep: (step: string) => void;
}) {
  const { name, title, head, relevance, reason, status, round, score, settled, specialists } = department;
  const tone = WORDS[status];
  const asleep = status === "not woken";
  return (
    <Card
      label={`department ${name}`}
      className={asleep ? "ex-department asleep" : "ex-department"}
      title={
        <div className="row spread ex-department-head">
          <h3 className="truncate">{title}</h3>
          <Badge status={status} {...(tone && { tone })} />
        </div>
      }
    >
      {relevance !== null && (
        <Measure
          label="relevance"
          value={relevance * 100}
          text={`${Math.round(relevance * 100)} %`}
          tone={asleep ? "idle" : "info"}
        />
      )}
      {asleep && reason && <p className="small quiet">{reason}</p>}
      {!asleep && (
        <>
          {score !== null && (
            <Measure
              label="quality"
              value={score}
              text={`${Math.round(score)} of 100`}
              tone={score >= 70 ? "ok" : "warn"}
            />
          )}
          <ul className="ex-specialists">
            {specialists.map((one) => (
              <Specialist key={one.agent} specialist={one} onStep={onStep} />
            ))}
          </ul>
          <p className="row wrap small quiet ex-department-foot">
            {head && (
              <button type="button" className="ex-link" onClick={() => onStep(name)}>
                {head}
              </button>
            )}
            {round > 0 && <span>round {round}</span>}
            {specialists.length > 0 && (
              <span>
                {settled} of {specialists.length} settled
              </span>
            )}
            <Took department={department} at={at} />
          </p>
        </>
      )}
    </Card>
  );
}

function Specialist({ specialist, onStep }: { specialist: SpecialistCard; onStep: (step: string) => void }) {
  const { agent, step, round } = specialist;
  if (!step) {
    return (
      <li className="ex-specialist quiet">
        <Sign name="planned" />
        <span className="truncate">{agent}</span>
        <span className="small">not yet</span>
      </li>
    );
  }
  const word = step.status === "done" && step.review ? step.review : step.status;
  return (
    <li>
      <button
        type="button"
        className="ex-specialist"
        onClick={() => onStep(step.name)}
        aria-label={`${agent}, ${word}: show its step`}
      >
        <span className={`tone-${toneOfReview(word)}`}>
          <Sign name={signOf(word)} />
        </span>
        <span className="truncate">{agent}</span>
        <span className="small quiet nowrap">
          {word.replaceAll("_", " ")}
          {round > 1 && `, round ${round}`}
        </span>
        {step.score !== null && <b className="mono">{Math.round(step.score)}</b>}
      </button>
      {step.thought && <p className="small quiet truncate ex-thought">{step.thought}</p>}
      {step.reasons.length > 0 && step.status !== "running" && (
        <details className="small">
          <summary>
            {step.reasons.length} {step.reasons.length === 1 ? "reason" : "reasons"}
          </summary>
          <ul className="ex-reasons">
            {step.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          {step.notes && <p className="ex-notes">{step.notes}</p>}
        </details>
      )}
    </li>
  );
}

function Measure({ label, value, text, tone }: { label: string; value: number; text: string; tone: Tone }) {
  return (
    <div className="ex-measure small">
      <span className="quiet">{label}</span>
      <Bar value={value} max={100} label={label} text={text} tone={tone} />
      <span className="mono nowrap">{text}</span>
    </div>
  );
}

function Took({ department, at }: { department: DepartmentCard; at: number | null }) {
  const now = useNow();
  const { executionTime, startedAt, endedAt } = department;
  if (executionTime !== null) return <span>{durationOf(executionTime)}</span>;
  if (startedAt === null || endedAt !== null) return null;
  return <span>{durationOf(Math.max(0, (at ?? now) - startedAt))} so far</span>;
}

export function toneOfReview(word: string): Tone {
  if (word === "approved" || word === "done" || word === "completed") return "ok";
  if (word === "revise" || word.startsWith("waiting")) return "warn";
  if (word === "rejected" || word === "failed") return "bad";
  return word === "running" || word === "ready" ? "info" : "idle";
}
