import { Badge, Card, EmptyState, Json, moneyOf, toneOf } from "../../ui";
import type { Range } from "../execution/documents";
import type { ShownStep } from "../execution/merge";
import { useWhole } from "../execution/whole";
import { type Offer, resultOf, swatchOf } from "./results";
import "./parties.css";

interface Props {
  steps: readonly ShownStep[];
  /** By step: what changed, where it runs again. */
  why?: ReadonlyMap<string, string>;
}

/** What each agent has come to. */
export function PartyCards({ steps, why }: Props) {
  if (steps.length === 0)
    return <EmptyState title="Nobody has anything to do yet">Say what is wanted, and agents wake for it.</EmptyState>;
  return (
    <div className="pa-cards">
      {steps.map((step) => (
        <One key={step.name} step={step} why={why?.get(step.name) ?? ""} />
      ))}
    </div>
  );
}

function One({ step, why }: { step: ShownStep; why: string }) {
  const whole = useWhole(step.result, "output");
  const result = resultOf(whole.value);
  const again = step.status === "running" || step.status === "ready" || step.status.startsWith("waiting");
  return (
    <Card
      label={step.name}
      className={`pa-card edge-${toneOf(step.status)}${again ? " again" : ""}`}
      title={
        <div className="row spread pa-card-head">
          <h2 className="truncate">{step.name}</h2>
          <Badge status={step.status} />
        </div>
      }
    >
      {why && (
        <p className="pa-why small">
          {again ? "running" : "ran"} again because {why}
        </p>
      )}
      {step.thought && <p className="small quiet truncate">{step.thought}</p>}
      {step.error && <p className="ex-error">{step.error}</p>}
      {result ? (
        <Body result={result} value={whole.value} />
      ) : (
        <p className="quiet small">{again ? "Working on it." : "Nothing yet."}</p>
      )}
    </Card>
  );
}

function Body({ result, value }: { result: NonNullable<ReturnType<typeof resultOf>>; value: unknown }) {
  const {
    title,
    summary,
    confidence,
    money,
    fits,
    colours,
    lists,
    bookings,
    alternatives,
    reasons,
    assumptions,
    notes,
  } = result;
  return (
    <div className="pa-body">
      {title && <p className="pa-title">{title}</p>}
      <p className="quiet">{summary}</p>
      <p className="row wrap small">
        {money && <b className="mono">{spread(money)}</b>}
        {fits !== null && (
          <span className={fits ? "tone-ok" : "tone-warn"}>{fits ? "fits" : "does not quite fit"}</span>
        )}
        {confidence !== null && <span className="quiet">{Math.round(confidence * 100)} % sure</span>}
      </p>
      {colours.length > 0 && (
        <ul className="pa-swatches" aria-label="colours">
          {colours.map((colour) => (
            <li key={colour} className="small">
              <i style={{ background: swatchOf(colour) }} aria-hidden="true" />
              {colour}
            </li>
          ))}
        </ul>
      )}
      {bookings.length > 0 && (
        <ul className="pa-offers">
          {bookings.map((one) => (
            <OfferLine key={one.kind + one.name} offer={one} kind={one.kind} />
          ))}
        </ul>
      )}
      {lists.map((list) => (
        <details key={list.title} className="small">
          <summary>
            {list.title} ({list.items.length})
          </summary>
          <ul className="ex-reasons">
            {list.items.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        </details>
      ))}
      <details className="small">
        <summary>Why</summary>
        <ul className="ex-reasons">
          {[...reasons, ...assumptions.map((one) => `assumed: ${one}`), ...notes].map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      </details>
      {alternatives.length > 0 && (
        <details className="small">
          <summary>{alternatives.length} others</summary>
          <ul className="pa-offers">
            {alternatives.map((one) => (
              <OfferLine key={one.name + one.detail} offer={one} />
            ))}
          </ul>
        </details>
      )}
      <details className="small">
        <summary>JSON</summary>
        <Json value={value} label="result" />
      </details>
    </div>
  );
}

function OfferLine({ offer, kind }: { offer: Offer; kind?: string }) {
  return (
    <li className="small">
      <span>
        {kind && <span className="quiet">{kind}: </span>}
        {offer.name}
        {!offer.fits && <span className="tone-warn"> (does not fit)</span>}
      </span>
      {offer.price && <span className="mono nowrap">{spread(offer.price)}</span>}
    </li>
  );
}

export function spread({ min, max }: Range): string {
  return min === max ? moneyOf(min) : `${moneyOf(min)} – ${moneyOf(max)}`;
}
