import { useState } from "react";
import { useApi } from "../../client/react";
import { Badge, Button, durationOf, ErrorBox, useNow, useRefusal, useToast } from "../../ui";
import type { ApprovalDocument } from "./documents";

interface Props {
  approvals: readonly ApprovalDocument[];
  onDecided: () => void;
}

/** What people are asked now, each with its answer's two buttons; what was asked before stands below. */
export function Questions({ approvals, onDecided }: Props) {
  const open = approvals.filter((one) => one.status === "open");
  const closed = approvals.filter((one) => one.status !== "open");
  if (approvals.length === 0) return null;
  return (
    <section className="ex-questions" aria-label="approvals">
      {open.map((one) => (
        <Question key={one.id} approval={one} onDecided={onDecided} />
      ))}
      {closed.length > 0 && (
        <details className="small quiet">
          <summary>
            {closed.length} {closed.length === 1 ? "question was" : "questions were"} answered
          </summary>
          <ul className="stack">
            {closed.map((one) => (
              <li key={one.id} className="row wrap">
                <Badge status={one.status} /> {one.question || `before ${one.step}`}{" "}
                {one.by && <span>by {one.by}</span>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Question({ approval, onDecided }: { approval: ApprovalDocument; onDecided: () => void }) {
  const api = useApi();
  const tell = useToast();
  const now = useNow();
  const refusal = useRefusal("approve");
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const left = approval.deadline ? Date.parse(approval.deadline) - now : null;

  const decide = async (decision: "approve" | "reject") => {
    setBusy(true);
    setError(null);
    try {
      const body = comment.trim() ? { decision, comment: comment.trim() } : { decision };
      await api.post(`/api/v1/approvals/${approval.id}`, body);
      tell(decision === "approve" ? "approved" : "rejected", decision === "approve" ? "ok" : "warn");
      onDecided();
    } catch (raised) {
      setError(raised);
    }
    setBusy(false);
  };

  return (
    <div className="ex-question">
      <div>
        <p>
          <b>{approval.question || `May ${approval.step} go on?`}</b>
        </p>
        <p className="row wrap small quiet">
          {approval.step && <span>before {approval.step}</span>}
          {approval.risk && (
            <span className="row">
              risk <Badge status={approval.risk} />
            </span>
          )}
          {approval.cost > 0 && <span>{approval.cost} tokens</span>}
          {left !== null && (
            <span>
              {left > 0 ? `${durationOf(left)} left` : "its time is over"}, then{" "}
              {approval.otherwise === "approve" ? "approved" : "rejected"}
            </span>
          )}
        </p>
      </div>
      <div className="row wrap">
        {refusal === null && (
          <input
            className="field"
            aria-label="comment"
            placeholder="comment (optional)"
            value={comment}
            maxLength={2000}
            onChange={(event) => setComment(event.target.value)}
          />
        )}
        <Button kind="primary" needs="approve" disabled={busy} onClick={() => void decide("approve")}>
          Approve
        </Button>
        <Button kind="danger" needs="approve" disabled={busy} onClick={() => void decide("reject")}>
          Reject
        </Button>
      </div>
      {error !== null && <ErrorBox error={error} what="The answer was not taken" />}
    </div>
  );
}
