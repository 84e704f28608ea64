import { Badge, Button, CopyId, durationOf, ErrorBox, Json, moneyOf, Skeleton } from "../../ui";
import type { InputDocument } from "./documents";
import type { ShownStep } from "./merge";
import { clockOf } from "./moments";
import { useWhole } from "./whole";

interface Props {
  step: ShownStep;
  inputs: readonly InputDocument[];
  past: boolean;
  onStep: (name: string) => void;
  onClose: () => void;
}

/** All that is known of one step, at the moment that is shown. */
export function StepPanel({ step, inputs, past, onStep, onClose }: Props) {
  const { document, folded } = step;
  const own = inputs.filter((input) => input.categories?.includes(step.name));
  const took = step.startedAt !== null && step.endedAt !== null ? step.endedAt - step.startedAt : null;
  return (
    <div className="ex-step" data-step={step.name}>
      <header className="row spread">
        <h3 className="truncate">{step.name}</h3>
        <Button kind="quiet" aria-label="close the step" onClick={onClose}>
          ✕
        </Button>
      </header>
      <p className="row wrap">
        <Badge status={step.status} />
        {step.review && <Badge status={step.review} />}
        <span className="quiet">{step.agent}</span>
      </p>
      {step.thought && <p className="ex-says">{step.thought}</p>}
      {step.error && (
        <p className="ex-error" role="note">
          {step.error}
        </p>
      )}
      <dl className="ex-facts">
        {document?.reason && <Fact name="in the plan because">{document.reason}</Fact>}
        {!past && document && document.changed.length > 0 && (
          <Fact name="runs again because">{document.changed.join(", ")} changed</Fact>
        )}
        {step.attempt > 0 && (
          <Fact name="attempt">
            {folded && folded.runs > step.attempt ? `${step.attempt} (${folded.runs} runs)` : step.attempt}
          </Fact>
        )}
        {step.startedAt !== null && <Fact name="started">{clockOf(step.startedAt, true)}</Fact>}
        {took !== null && <Fact name="took">{durationOf(took)}</Fact>}
        <Fact name="tokens">
          {!past && document?.tokens
            ? `${document.tokens.used} used, ${document.tokens.reserved} reserved`
            : `${step.tokens} used`}
        </Fact>
        {!past && document?.money && (
          <Fact name="money">
            {moneyOf(document.money.min)} to {moneyOf(document.money.max)}
          </Fact>
        )}
        {step.tools > 0 && <Fact name="tool calls">{step.tools}</Fact>}
        {step.score !== null && (
          <Fact name="quality">
            {Math.round(step.score)} of 100{step.passed === false && ", below what is asked"}
          </Fact>
        )}
        <Names name="needs" steps={document?.needs} onStep={onStep} />
        <Names name="comes after" steps={document?.after} onStep={onStep} />
        {document && document.reads.length > 0 && <Fact name="reads">{document.reads.join(", ")}</Fact>}
        {document?.digest && (
          <Fact name="digest">
            <CopyId id={document.digest} what="digest" />
          </Fact>
        )}
        {folded?.runId && (
          <Fact name="run">
            <CopyId id={folded.runId} what="run id" />
          </Fact>
        )}
      </dl>
      {step.reasons.length > 0 && (
        <Part title="How it was measured">
          <ul className="ex-reasons">
            {step.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </Part>
      )}
      {step.notes && (
        <Part title={`Notes of ${folded?.reviewer || "the reviewer"}`}>
          <p className="ex-notes">{step.notes}</p>
        </Part>
      )}
      {own.length > 0 && (
        <Part title="Inputs">
          <ul className="ex-inputs">
            {own.map((input) => (
              <li key={input.input_id}>{input.content}</li>
            ))}
          </ul>
        </Part>
      )}
      <Part title="Result">
        <Result value={step.result} running={step.status === "running"} />
      </Part>
    </div>
  );
}

function Result({ value, running }: { value: unknown; running: boolean }) {
  const whole = useWhole(value, "output");
  if (whole.loading) return <Skeleton lines={4} />;
  if (whole.error) return <ErrorBox error={whole.error} what="The result could not be loaded" />;
  if (whole.value === null || whole.value === undefined)
    return <p className="quiet">{running ? "Not yet." : "None."}</p>;
  const { text } = whole.value as { text?: unknown };
  return (
    <>
      {typeof text === "string" && text.includes("\n") && <pre className="ex-prose">{text}</pre>}
      <Json value={whole.value} label="result" />
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Names({
  name,
  steps,
  onStep,
}: {
  name: string;
  steps: readonly string[] | undefined;
  onStep: (name: string) => void;
}) {
  if (!steps?.length) return null;
  return (
    <Fact name={name}>
      <span className="row wrap">
        {steps.map((step) => (
          <button key={step} type="button" className="ex-link mono" onClick={() => onStep(step)}>
            {step}
          </button>
        ))}
      </span>
    </Fact>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className="ex-part">
      <h4>{title}</h4>
      {children}
    </section>
  );
}
