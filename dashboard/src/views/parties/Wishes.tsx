import { type FormEvent, useRef, useState } from "react";
import { useApi } from "../../client/react";
import { Button, ErrorBox, Locked, useRefusal, useToast } from "../../ui";
import type { InputDocument } from "../execution/documents";
import { change, type Changes, type Difference, isNothing, stillWanted } from "./changes";

interface Props {
  id: string;
  inputs: readonly InputDocument[];
  closed: boolean;
  onWritten: () => void;
}

interface Conflict {
  difference: Difference;
  seen: InputDocument[];
  changes: Changes;
}

const NOTHING: Changes = { add: [], remove: [] };

/** What is wanted, as chips: type and take away, one by one or several in one change of the plan. */
export function Wishes({ id, inputs, closed, onWritten }: Props) {
  const api = useApi();
  const tell = useToast();
  const fixed = useRefusal("plan") !== null || closed;
  const [text, setText] = useState("");
  const [together, setTogether] = useState(false);
  const [staged, setStaged] = useState<Changes>(NOTHING);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const field = useRef<HTMLInputElement>(null);

  const send = async (changes: Changes, seen: readonly InputDocument[]): Promise<boolean> => {
    const wanted = stillWanted(changes, seen);
    if (isNothing(wanted)) return true;
    setBusy(true);
    setError(null);
    setConflict(null);
    let done = false;
    try {
      const outcome = await change(api, id, wanted, seen);
      if ("conflict" in outcome) setConflict({ difference: outcome.conflict, seen: outcome.seen, changes: wanted });
      else done = true;
    } catch (raised) {
      setError(raised);
    }
    setBusy(false);
    onWritten();
    return done;
  };

  const typed = async (event: FormEvent) => {
    event.preventDefault();
    const wish = text.trim();
    if (!wish || busy) return;
    if (together) {
      setStaged((held) => ({ ...held, add: [...held.add, wish] }));
      setText("");
    } else if (await send({ add: [wish], remove: [] }, inputs)) setText("");
    field.current?.focus();
  };
  const removed = (input: InputDocument) => {
    if (!together) {
      void send({ add: [], remove: [input.input_id] }, inputs);
      return;
    }
    setStaged((held) => {
      const kept = held.remove.filter((one) => one !== input.input_id);
      return { ...held, remove: kept.length === held.remove.length ? [...kept, input.input_id] : kept };
    });
  };
  const apply = async () => {
    if (await send(staged, inputs)) {
      tell(`${staged.add.length + staged.remove.length} changes sent as one`);
      setStaged(NOTHING);
    }
  };
  const anyway = async ({ changes, seen }: Conflict) => {
    if (!(await send(changes, seen))) return;
    setText("");
    setStaged(NOTHING);
  };
  const count = staged.add.length + staged.remove.length;

  return (
    <section className="pa-wishes" aria-label="wishes">
      <ul className="pa-chips" aria-label="inputs">
        {inputs.map((input) => {
          const going = staged.remove.includes(input.input_id);
          return (
            <li
              key={input.input_id}
              className={going ? "pa-chip going" : "pa-chip"}
              title={input.added_by ? `by ${input.added_by}` : undefined}
            >
              <span>
                {going && <span className="unseen">to be removed: </span>}
                {input.content}
              </span>
              <span className="pa-meant small">{briefly(input)}</span>
              {!fixed && (
                <button
                  type="button"
                  disabled={busy}
                  aria-label={going ? `keep ${input.content}` : `remove ${input.content}`}
                  onClick={() => removed(input)}
                >
                  {going ? "↶" : "✕"}
                </button>
              )}
            </li>
          );
        })}
        {staged.add.map((wish, place) => (
          <li key={`${place}:${wish}`} className="pa-chip coming">
            <span>
              <span className="unseen">to be added: </span>+ {wish}
            </span>
            <button
              type="button"
              aria-label={`do not add ${wish}`}
              onClick={() => setStaged((held) => ({ ...held, add: held.add.filter((_, index) => index !== place) }))}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      {!closed && <Locked needs="plan" />}
      {!fixed && (
        <form className="row wrap" onSubmit={typed}>
          <input
            ref={field}
            className="field pa-type"
            aria-label="what else is wanted"
            placeholder="type what else is wanted: outdoor venue under 800, no nuts, a magician …"
            value={text}
            maxLength={4000}
            data-search
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit" kind={together ? "plain" : "primary"} disabled={busy || !text.trim()}>
            {together ? "Collect" : busy ? "Sending…" : "Add"}
          </Button>
          <label className="row small quiet">
            <input
              type="checkbox"
              checked={together}
              onChange={(event) => {
                setTogether(event.target.checked);
                if (!event.target.checked) setStaged(NOTHING);
              }}
            />
            several as one change
          </label>
          {together && (
            <Button kind="primary" disabled={busy || count === 0} onClick={() => void apply()}>
              {count === 1 ? "Send 1 change" : `Send ${count} changes`}
            </Button>
          )}
        </form>
      )}
      {conflict && (
        <div className="pa-conflict" role="alert">
          <div>
            <p>
              <b>Somebody has changed the wishes meanwhile.</b> Nothing of yours is sent yet.
            </p>
            <ul className="small">
              {conflict.difference.came.map((one) => (
                <li key={one.input_id}>
                  + {one.content} {one.added_by && <span className="quiet">by {one.added_by}</span>}
                </li>
              ))}
              {conflict.difference.went.map((one) => (
                <li key={one.input_id}>
                  − <s>{one.content}</s>
                </li>
              ))}
            </ul>
          </div>
          <div className="row wrap">
            <Button kind="primary" disabled={busy} onClick={() => void anyway(conflict)}>
              Send mine too
            </Button>
            <Button onClick={() => setConflict(null)}>Look first</Button>
          </div>
        </div>
      )}
      {error !== null && <ErrorBox error={error} what="The change was not taken" />}
    </section>
  );
}

function briefly({ categories }: InputDocument): string {
  if (categories === null) return "being read";
  return categories.join(", ");
}
