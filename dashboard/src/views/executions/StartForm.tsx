import { type FormEvent, useState } from "react";
import type { BlueprintSummary } from "../../client";
import { useApi } from "../../client/react";
import { go, hrefOf } from "../../shell/router";
import { Button, ErrorBox, Modal, useToast } from "../../ui";

const AUTOPILOTS = [
  ["", "as the blueprint says"],
  ["manual", "manual: asks before each gate"],
  ["assisted", "assisted: asks above a risk"],
  ["auto", "auto: nobody is asked"],
];

interface Props {
  blueprints: readonly BlueprintSummary[];
  onClose: () => void;
}

export function StartForm({ blueprints, onClose }: Props) {
  const api = useApi();
  const tell = useToast();
  const [chosen, setChosen] = useState("");
  const [prompt, setPrompt] = useState("");
  const [conversation, setConversation] = useState("");
  const [autopilot, setAutopilot] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // The list may come after the form.
  const blueprint = chosen || blueprints[0]?.name || "";

  const sent = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const asked = {
      blueprint,
      prompt: prompt.trim(),
      ...(conversation.trim() && { conversation_id: conversation.trim() }),
      ...(autopilot && { autopilot }),
    };
    try {
      const { execution_id } = await api.post<{ execution_id: string }>("/api/v1/executions", asked);
      tell(`${blueprint} has begun`);
      go(hrefOf(["executions", execution_id]));
    } catch (raised) {
      setError(raised);
      setBusy(false);
    }
  };

  return (
    <Modal title="Start an execution" onClose={onClose}>
      <form className="stack" onSubmit={sent}>
        <label className="labelled">
          <span>Blueprint</span>
          <select className="field" value={blueprint} onChange={(event) => setChosen(event.target.value)}>
            {blueprints.map(({ name, title }) => (
              <option key={name} value={name}>
                {title && title !== name ? `${name}: ${title}` : name}
              </option>
            ))}
          </select>
        </label>
        <label className="labelled">
          <span>Prompt</span>
          <textarea
            className="field"
            required
            maxLength={4000}
            value={prompt}
            autoFocus
            placeholder="What it is to be about"
            onChange={(event) => setPrompt(event.target.value)}
          />
        </label>
        <label className="labelled">
          <span>Conversation (optional)</span>
          <input className="field" value={conversation} onChange={(event) => setConversation(event.target.value)} />
        </label>
        <label className="labelled">
          <span>Autopilot</span>
          <select className="field" value={autopilot} onChange={(event) => setAutopilot(event.target.value)}>
            {AUTOPILOTS.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {error !== null && <ErrorBox error={error} what="It was not started" />}
        <div className="row modal-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={busy || !blueprint || !prompt.trim()}>
            Start
          </Button>
        </div>
      </form>
    </Modal>
  );
}
