import { useState } from "react";
import type { WholeDeadLetter } from "../../client";
import { useApi, useRead } from "../../client/react";
import { Badge, Button, Confirm, CopyId, ErrorBox, Json, Modal, Skeleton, Time, useToast } from "../../ui";

interface Props {
  id: string;
  onClose: () => void;
  onDone: (position: number) => void;
}

interface Done {
  position: number;
}

export function OneDeadLetter({ id, onClose, onDone }: Props) {
  const api = useApi();
  const tell = useToast();
  const letter = useRead<WholeDeadLetter>(`/api/v1/deadletters/${encodeURIComponent(id)}`, { areas: ["deadletters"] });
  const [busy, setBusy] = useState(false);
  const [dropping, setDropping] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { value } = letter;

  const retry = async () => {
    setBusy(true);
    setError(null);
    try {
      const { position } = await api.post<Done>(`/api/v1/deadletters/${encodeURIComponent(id)}/retry`);
      tell("It was handled: what came of it stands in the log");
      onDone(position);
      onClose();
    } catch (raised) {
      setError(raised);
    }
    setBusy(false);
  };

  return (
    <Modal title="Dead letter" wide onClose={onClose}>
      <div className="stack">
        {letter.error !== null && <ErrorBox error={letter.error} what="It could not be read" onRetry={letter.again} />}
        {!value && letter.error === null && <Skeleton lines={6} />}
        {value && <Facts letter={value} />}
        {error !== null && <ErrorBox error={error} what="It is still parked" />}
        {value?.status === "parked" && (
          <div className="row wrap modal-actions">
            <Button kind="danger" needs="operate" onClick={() => setDropping(true)}>
              Drop…
            </Button>
            <Button kind="primary" needs="operate" disabled={busy} onClick={retry}>
              {busy ? "Retrying…" : "Retry"}
            </Button>
          </div>
        )}
        {value && (
          <section className="stack">
            <h3>{value.event.data ? "The event" : "Its bytes, in base64"}</h3>
            <Json value={value.event.data ?? value.event.base64 ?? "nothing of it is kept"} label="the event" />
          </section>
        )}
        {value && hasHeaders(value) && (
          <section className="stack">
            <h3>Its headers</h3>
            <Json value={value.headers} label="its headers" />
          </section>
        )}
      </div>
      {dropping && (
        <Drop
          id={id}
          onClose={() => setDropping(false)}
          onDone={(position) => {
            onDone(position);
            onClose();
          }}
        />
      )}
    </Modal>
  );
}

function Facts({ letter }: { letter: WholeDeadLetter }) {
  const { event } = letter;
  return (
    <dl className="facts">
      <dt>Status</dt>
      <dd>
        <Badge status={letter.status} />
        {letter.reason && <span className="quiet"> {letter.reason}</span>}
      </dd>
      <dt>Why</dt>
      <dd>{letter.error}</dd>
      <dt>Service</dt>
      <dd>
        {letter.service}, after {letter.attempts} {letter.attempts === 1 ? "attempt" : "attempts"}
      </dd>
      <dt>Event</dt>
      <dd className={letter.type ? "mono" : "quiet"}>{letter.type || "none: the record is no event"}</dd>
      {event.summary && (
        <>
          <dt>It says</dt>
          <dd>{event.summary}</dd>
        </>
      )}
      <dt>Where</dt>
      <dd className="mono">{event.in_log ? `${event.stream}@${event.revision}` : "not in the log"}</dd>
      <dt>Parked</dt>
      <dd>
        <Time at={letter.parked_at} />
      </dd>
      <dt>Id</dt>
      <dd>
        <CopyId id={letter.id} />
      </dd>
    </dl>
  );
}

interface DropProps {
  id: string;
  onClose: () => void;
  onDone: (position: number) => void;
}

function Drop({ id, onClose, onDone }: DropProps) {
  const api = useApi();
  const tell = useToast();
  const [reason, setReason] = useState("");
  const confirmed = async () => {
    const body = reason.trim() ? { reason: reason.trim() } : {};
    const { position } = await api.post<Done>(`/api/v1/deadletters/${encodeURIComponent(id)}/drop`, body);
    tell("Dropped; it stays on record");
    onDone(position);
  };
  return (
    <Confirm title="Drop this dead letter?" verb="Drop it" danger onConfirm={confirmed} onClose={onClose}>
      <p>It will never be handled. It stays on record, with the reason.</p>
      <label className="labelled">
        <span>Reason (optional)</span>
        <input className="field" maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </Confirm>
  );
}

function hasHeaders({ headers }: WholeDeadLetter): boolean {
  return headers !== null && (typeof headers !== "object" || Object.keys(headers).length > 0);
}
