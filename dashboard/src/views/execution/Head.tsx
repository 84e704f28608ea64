import { useState } from "react";
import { useApi } from "../../client/react";
import { hrefOf, go } from "../../shell/router";
import { Badge, Button, Confirm, CopyId, Time, useToast } from "../../ui";
import { cancel, fork } from "./acts";
import type { ExecutionDocument } from "./documents";

/** Where it comes from, in one line. */
export function Origin({ execution, prompt }: { execution: ExecutionDocument; prompt: string }) {
  const { cause, conversation_id: conversation, from_execution: from } = execution;
  return (
    <div className="ex-origin">
      {prompt && <p className="ex-prompt">{prompt}</p>}
      <p className="row wrap small quiet">
        <CopyId id={execution.id} what="execution id" />
        {conversation && (
          <span>
            conversation{" "}
            <CopyId id={conversation} what="conversation id" href={hrefOf(["executions"], { q: conversation })} />
          </span>
        )}
        {from && (
          <span>
            forked from <a href={hrefOf(["executions", from])}>{from}</a>
          </span>
        )}
        {cause && <span>{because(cause)}</span>}
        {execution.started_at && (
          <span>
            began <Time at={execution.started_at} />
          </span>
        )}
        {execution.plan_version > 0 && <span>plan version {execution.plan_version}</span>}
        {execution.detail && <span className="tone-warn">{execution.detail}</span>}
      </p>
    </div>
  );
}

function because(cause: ExecutionDocument["cause"]): string {
  if (cause.rule) return `rule ${cause.rule}`;
  if (cause.signal_ids.length > 1) return `${cause.signal_ids.length} signals`;
  return { request: "somebody asked for it", trigger: "a signal", fork: "a fork" }[cause.kind] ?? cause.kind;
}

interface ActsProps {
  execution: ExecutionDocument;
  /** The live event that is shown; null: now. */
  moment: { sequence: number; at: string } | null;
  onChange: () => void;
}

const OVER = new Set(["cancelled", "failed"]);

export function Acts({ execution, moment, onChange }: ActsProps) {
  const api = useApi();
  const tell = useToast();
  const [asked, setAsked] = useState<"cancel" | "fork" | null>(null);
  const [reason, setReason] = useState("");
  // A wake of one agent has nothing to fork, and nobody to tell that it is off.
  if (!execution.blueprint) return null;
  return (
    <>
      <Button needs="plan" onClick={() => setAsked("fork")}>
        {moment ? "Fork from this moment" : "Fork"}
      </Button>
      {!OVER.has(execution.status) && (
        <Button kind="danger" needs="plan" onClick={() => setAsked("cancel")}>
          Cancel
        </Button>
      )}
      {asked === "cancel" && (
        <Confirm
          title="Cancel this execution?"
          verb="Cancel it"
          danger
          onClose={() => setAsked(null)}
          onConfirm={async () => {
            await cancel(api, execution.id, reason.trim());
            tell("it is being cancelled", "warn");
            onChange();
          }}
        >
          <p>What runs is stopped, what can be undone is undone, and nothing changes it any more.</p>
          <label className="labelled">
            <span>Reason</span>
            <input
              className="field"
              value={reason}
              maxLength={2000}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
        </Confirm>
      )}
      {asked === "fork" && (
        <Confirm
          title={moment ? `Fork at event ${moment.sequence}?` : "Fork this execution?"}
          verb="Fork"
          onClose={() => setAsked(null)}
          onConfirm={async () => {
            const made = await fork(api, execution.id, moment);
            tell(`forked as ${made.execution_id}`);
            go(hrefOf([execution.blueprint === "party" ? "parties" : "executions", made.execution_id]));
          }}
        >
          <p>
            Another plan begins with the inputs and results that this one {moment ? "had then" : "has now"}. What still
            holds is not done again.
          </p>
        </Confirm>
      )}
    </>
  );
}

export function StatusBadge({ status, past }: { status: string; past: boolean }) {
  return (
    <span className="row">
      <Badge status={status} />
      {past && <span className="chip">at this moment</span>}
    </span>
  );
}
