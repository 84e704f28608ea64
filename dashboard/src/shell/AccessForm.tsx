import { type FormEvent, useState } from "react";
import { Button, Modal, useToast } from "../ui";
import { ACCESSES, keepToken, readToken } from "./access";

export function AccessForm({ onClose }: { onClose: () => void }) {
  const tell = useToast();
  const [tokens, setTokens] = useState(() => Object.fromEntries(ACCESSES.map(({ name }) => [name, readToken(name)])));
  const kept = (event: FormEvent) => {
    event.preventDefault();
    for (const { name } of ACCESSES) keepToken(name, (tokens[name] ?? "").trim());
    tell("Tokens are kept until this tab is closed");
    onClose();
  };
  return (
    <Modal title="Access" onClose={onClose}>
      <form className="stack" onSubmit={kept}>
        <p className="quiet">
          On loopback nothing is needed here. Elsewhere the platform wants a token for what changes something; they stay in this
          tab and go nowhere but to this platform.
        </p>
        {ACCESSES.map(({ name, title, setting }) => (
          <label key={name} className="labelled">
            <span>
              {title} <code>{setting}</code>
            </span>
            <input
              className="field"
              type="password"
              autoComplete="off"
              value={tokens[name]}
              onChange={(event) => setTokens({ ...tokens, [name]: event.target.value })}
            />
          </label>
        ))}
        <div className="row modal-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary">
            Keep
          </Button>
        </div>
      </form>
    </Modal>
  );
}
