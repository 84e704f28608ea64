import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button } from "./Button";
import { ErrorBox } from "./ErrorBox";

interface Props {
  title: ReactNode;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}

/** The browser's own dialog: it holds the focus, Esc closes it, and the focus goes back to where it was. */
export function Modal({ title, onClose, wide = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement as HTMLElement | null;
    if (element && !element.open) element.showModal();
    return () => {
      element?.close();
      before?.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? "modal wide" : "modal"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="modal-body">
        <header className="card-head">
          <h2 id={id}>{title}</h2>
          <Button kind="quiet" aria-label="close" onClick={onClose}>
            ✕
          </Button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children?: ReactNode;
  /** What the button says: the verb itself. */
  verb: string;
  danger?: boolean;
  /** Its error is shown, and the question stays. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function Confirm({ title, children, verb, danger = false, onConfirm, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirmed = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (raised) {
      setError(raised);
      setBusy(false);
    }
  };
  return (
    <Modal title={title} onClose={onClose}>
      <form className="stack" onSubmit={confirmed}>
        {children}
        {error !== null && <ErrorBox error={error} />}
        <div className="row modal-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={danger ? "danger" : "primary"} disabled={busy}>
            {verb}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
