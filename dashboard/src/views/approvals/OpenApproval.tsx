import type { Approval } from "../../client";
import { hrefOf } from "../../shell/router";
import { Badge, Button, CopyId, spanOf, Time, Tokens, useNow } from "../../ui";
import type { Decision } from "./Decide";

interface Props {
  approval: Approval;
  onDecide: (decision: Decision) => void;
}

export function OpenApproval({ approval, onDecide }: Props) {
  const { question, risk, cost, step, agent, execution_id } = approval;
  return (
    <li className="card approval" aria-label={question}>
      <div className="approval-asked">
        <h2>{question}</h2>
        <dl className="row wrap approval-facts">
          {risk && (
            <div>
              <dt>Risk</dt>
              <dd>
                <Badge status={risk} />
              </dd>
            </div>
          )}
          {cost > 0 && (
            <div>
              <dt>Cost</dt>
              <dd>
                <Tokens value={cost} />
              </dd>
            </div>
          )}
          {(step || agent) && (
            <div>
              <dt>For</dt>
              <dd>{[step, agent].filter(Boolean).join(" by ")}</dd>
            </div>
          )}
          <div>
            <dt>Execution</dt>
            <dd>
              <CopyId id={execution_id} href={hrefOf(["executions", execution_id])} what="execution" />
            </dd>
          </div>
          <div>
            <dt>Asked</dt>
            <dd>
              <Time at={approval.requested_at} />
            </dd>
          </div>
        </dl>
      </div>
      <div className="approval-answer">
        <Deadline approval={approval} />
        <div className="row">
          <Button kind="primary" needs="approve" onClick={() => onDecide({ approval, approve: true })}>
            Approve
          </Button>
          <Button kind="danger" needs="approve" onClick={() => onDecide({ approval, approve: false })}>
            Reject
          </Button>
        </div>
      </div>
    </li>
  );
}

const SOON_MS = 60_000;

/** Counts down, and says what happens at its end. */
function Deadline({ approval: { deadline, otherwise } }: { approval: Approval }) {
  const now = useNow();
  if (!deadline) return <p className="small quiet">No deadline</p>;
  const left = Date.parse(deadline) - now;
  const then = OTHERWISE[otherwise] ?? otherwise;
  return (
    <p className={`small ${left < SOON_MS ? "tone-bad" : "quiet"}`} title={new Date(deadline).toLocaleString()}>
      {left > 0 ? `${spanOf(left)} left` : "time is up"}
      {then && `, then ${then}`}
    </p>
  );
}

const OTHERWISE: Record<string, string> = { approve: "approved", reject: "rejected", approved: "approved", rejected: "rejected" };
