import type { ReactNode } from "react";
import { useRead } from "../client/react";
import type { Me } from "../client/types";
import { Button, ErrorBox, Modal, Skeleton } from "../ui";
import { keepKey, readKey, refuse } from "./access";

/** Who somebody is here, and what he may do. */
export function AccessForm({ onClose }: { onClose: () => void }) {
  const { value, error, again } = useRead<Me>("/api/v1/me");
  const leave = () => {
    keepKey("");
    refuse();
    onClose();
  };
  return (
    <Modal title="Access" onClose={onClose}>
      {error !== null && <ErrorBox error={error} onRetry={() => again()} />}
      {!value && error === null && <Skeleton lines={3} />}
      {value && (
        <dl className="facts">
          <Fact name="You are">{value.name}</Fact>
          <Fact name="Tenant">{value.tenant}</Fact>
          {value.roles.length > 0 && <Fact name="Roles">{value.roles.join(", ")}</Fact>}
          <Fact name="You may">{value.permissions.join(", ")}</Fact>
        </dl>
      )}
      <div className="row modal-actions">
        {readKey() ? (
          <Button onClick={leave}>Sign out</Button>
        ) : (
          <p className="quiet small">This is the machine's own platform: nobody has to sign in.</p>
        )}
        <Button kind="primary" onClick={onClose}>
          Close
        </Button>
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
