import { Card, moneyOf } from "../../ui";
import type { BudgetSummary } from "../execution/documents";
import { spread } from "./PartyCards";

/** What it costs at least and at most, against what there is. */
export function Budget({ budget }: { budget: BudgetSummary | null }) {
  if (!budget || (budget.total_budget.max === 0 && budget.limit === null)) {
    return (
      <Card title="Budget">
        <p className="quiet">Nothing costs anything yet. A wish like “budget of 3000” sets a limit.</p>
      </Card>
    );
  }
  const { total_budget: total, limit, over_by: over, over_at_least: least, driver, by_step: steps } = budget;
  const whole = Math.max(total.max, limit ?? 0, 1) * 1.04;
  const part = (amount: number) => `${(amount / whole) * 100}%`;
  const tone = least > 0 ? "bad" : over > 0 ? "warn" : "ok";
  const said = limit === null ? "no limit" : over > 0 ? `up to ${moneyOf(over)} over` : "within the limit";
  return (
    <Card title="Budget" actions={<span className={`small tone-${tone}`}>{said}</span>}>
      <p className="pa-total">
        <b className="mono">{spread(total)}</b>
        {limit !== null && <span className="quiet"> of {moneyOf(limit)}</span>}
      </p>
      <div
        className="pa-budget"
        role="meter"
        aria-label="budget"
        aria-valuemin={0}
        aria-valuemax={Math.round(whole)}
        aria-valuenow={total.max}
        aria-valuetext={`${spread(total)}${limit === null ? "" : ` of ${moneyOf(limit)}`}, ${said}`}
      >
        <i className={`pa-sure fill-${tone}`} style={{ width: part(total.min) }} />
        <i className={`pa-maybe fill-${tone}`} style={{ left: part(total.min), width: part(total.max - total.min) }} />
        {limit !== null && <i className="pa-limit" style={{ left: part(limit) }} />}
      </div>
      {driver && over > 0 && (
        <p className="small">
          <b>{driver}</b> costs the most{least > 0 && `; even at the least it is ${moneyOf(least)} over`}.
        </p>
      )}
      <ul className="pa-costs small">
        {Object.entries(steps).map(([name, money]) => (
          <li key={name}>
            <span>{name}</span>
            <span className="pa-costs-bar" aria-hidden="true">
              <i style={{ left: 0, width: part(money.min) }} />
              <i className="pa-maybe" style={{ left: part(money.min), width: part(money.max - money.min) }} />
            </span>
            <span className="mono nowrap">{spread(money)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
