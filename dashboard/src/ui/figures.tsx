import type { ReactNode } from "react";

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en");

/** A count as people read it: 950, 12.4K; the title has every digit. */
export function Count({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <Unknown />;
  return <span title={whole.format(value)}>{value < 10_000 ? whole.format(value) : compact.format(value)}</span>;
}

export function Tokens({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <Unknown />;
  return (
    <span className="nowrap">
      <Count value={value} /> <span className="quiet">tok</span>
    </span>
  );
}

interface MoneyProps {
  value: number | null | undefined;
  /** ISO 4217; without it the number stands alone. */
  currency?: string | null;
}

export function Money({ value, currency }: MoneyProps) {
  if (value === null || value === undefined) return <Unknown />;
  return <span className="nowrap">{moneyOf(value, currency)}</span>;
}

/** Small amounts keep the digits that say something: $0.0042. */
export function moneyOf(value: number, currency?: string | null): string {
  const digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2;
  const style = currency ? { style: "currency" as const, currency } : {};
  const few = Number.isInteger(value) && Math.abs(value) >= 100 ? 0 : 2;
  return new Intl.NumberFormat("en", { ...style, minimumFractionDigits: few, maximumFractionDigits: digits }).format(value);
}

/** What its owner cannot say now: nothing is made up. */
export function Unknown() {
  return (
    <span className="quiet" title="its owner cannot say now">
      n/a
    </span>
  );
}

interface FigureProps {
  label: string;
  children: ReactNode;
  note?: ReactNode;
}

export function Figure({ label, children, note }: FigureProps) {
  return (
    <div className="figure">
      <dt>{label}</dt>
      <dd>
        <span className="figure-value">{children}</span>
        {note && <span className="figure-note">{note}</span>}
      </dd>
    </div>
  );
}

/** A row of figures; its children are Figures. */
export function Figures({ label, children }: { label: string; children: ReactNode }) {
  return (
    <dl className="figures" aria-label={label}>
      {children}
    </dl>
  );
}
