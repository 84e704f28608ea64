import { Modal } from "../ui";
import { routes } from "./routes";

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Keyboard" onClose={onClose}>
      <dl className="facts keys">
        {routes.map(({ name, title, key }) => (
          <div key={name} className="contents">
            <dt>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>Search this page</dd>
        <dt>
          <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Enter</kbd>
        </dt>
        <dd>Go through a table, open a row</dd>
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>Close, or leave a field</dd>
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>This list</dd>
      </dl>
    </Modal>
  );
}
