import { EmptyState, Time } from "../../ui";
import type { InputDocument } from "./documents";

interface Props {
  inputs: readonly InputDocument[];
  facts: Readonly<Record<string, unknown>> | null;
}

/** What people have said, and what it was taken for. */
export function Inputs({ inputs, facts }: Props) {
  const known = Object.entries(facts ?? {});
  if (inputs.length === 0) return <EmptyState title="Nobody has said anything" />;
  return (
    <div className="stack">
      {known.length > 0 && (
        <p className="row wrap">
          {known.map(([name, value]) => (
            <span key={name} className="chip">
              {name}: {typeof value === "string" ? value : JSON.stringify(value)}
            </span>
          ))}
        </p>
      )}
      <ul className="ex-inputs">
        {inputs.map((input) => (
          <li key={input.input_id}>
            <p>{input.content}</p>
            <p className="row wrap small quiet">
              <span>{meant(input)}</span>
              {input.tags.length > 0 && <span>tags {input.tags.join(", ")}</span>}
              {input.added_by && <span>by {input.added_by}</span>}
              <Time at={input.added_at} />
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function meant({ categories, confidence }: InputDocument): string {
  if (categories === null) return "being read";
  if (categories.length === 0) return "for nothing in the plan";
  return `for ${categories.join(", ")}${confidence ? ` (${Math.round(confidence * 100)} % sure)` : ""}`;
}
