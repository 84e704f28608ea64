import { type ReactNode, useId } from "react";

/** Filters above a list. */
export function Toolbar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="toolbar" role="search" aria-label={label}>
      {children}
    </div>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** The first of a page is what `/` goes to. */
export function SearchField({ label, value, onChange, placeholder }: FieldProps & { placeholder?: string }) {
  return (
    <input
      type="search"
      className="field search"
      aria-label={label}
      placeholder={placeholder ?? label}
      value={value}
      data-search
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export interface Choice {
  value: string;
  text: string;
}

export function SelectField({ label, value, onChange, choices }: FieldProps & { choices: readonly Choice[] }) {
  const id = useId();
  return (
    <span className="select">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="field" value={value} onChange={(event) => onChange(event.target.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    </span>
  );
}

/** "": no filter; the others stand for themselves. */
export function choicesOf(all: string, values: readonly string[]): Choice[] {
  return [{ value: "", text: all }, ...values.map((value) => ({ value, text: value.replaceAll("_", " ") }))];
}
