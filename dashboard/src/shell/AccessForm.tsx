import type { ReactNode } from "react";
import type { Me } from "../client/types";
import { Button, CopyId, Modal, Time } from "../ui";
import { askForKey, leave, readKey } from "./access";

/** Who somebody is here, and what he may do. */
export function AccessForm({ me, onClose }: { me: Me; onClose: () => void }) {
  return (
    <Modal title="Access" onClose={onClose}>
      <div className="stack">
        <dl className="facts">
          <Fact name="You are">{me.name}</Fact>
          <Fact name="Tenant">{me.tenant}</Fact>
          {me.roles.length > 0 && <Fact name="Roles">{me.roles.join(", ")}</Fact>}
          <Fact name="You may">{me.permissions.join(", ")}</Fact>
          {me.key_id && (
            <Fact name="Key">
              <CopyId id={me.key_id} what="key id" />
            </Fact>
          )}
          {me.expires_at && (
            <Fact name="Expires">
              <Time at={me.expires_at} />
            </Fact>
          )}
        </dl>
        {!readKey() && <p className="quiet small">On this platform's own machine nobody has to sign in.</p>}
        <div className="row modal-actions">
          {readKey() ? <Button onClick={leave}>Sign out</Button> : <Button onClick={askForKey}>Use a key…</Button>}
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
