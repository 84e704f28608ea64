import { useState } from "react";
import type { Approval } from "../../client";
import { useApi } from "../../client/react";
import { Confirm, useToast } from "../../ui";

export interface Decision {
  approval: Approval;
  approve: boolean;
}

interface Props {
  decision: Decision;
  onClose: () => void;
  /** position: of the decision in the log. */
  onDone: (position: number) => void;
}

/** Asks for a comment, and records the decision. */
export function Decide({ decision: { approval, approve }, onClose, onDone }: Props) {
  const api = useApi();
  const tell = useToast();
  const [comment, setComment] = useState("");
  const confirmed = async () => {
    const asked = { decision: approve ? "approve" : "reject", ...(comment.trim() && { comment: comment.trim() }) };
    const { position } = await api.post<{ position: number }>(`/api/v1/approvals/${approval.id}`, asked);
    tell(approve ? "Approved" : "Rejected");
    onDone(position);
  };
  return (
    <Confirm
      title={approve ? "Approve this?" : "Reject this?"}
      verb={approve ? "Approve" : "Reject"}
      danger={!approve}
      onConfirm={confirmed}
      onClose={onClose}
    >
      <p>{approval.question}</p>
      <label className="labelled">
        <span>Comment (optional, stays on record)</span>
        <textarea className="field" maxLength={2000} value={comment} onChange={(event) => setComment(event.target.value)} />
      </label>
    </Confirm>
  );
}
