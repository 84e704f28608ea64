import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import type { Tone } from "./Badge";

interface Told {
  id: number;
  text: string;
  tone: Tone;
}

type Tell = (text: string, tone?: Tone) => void;

const Telling = createContext<Tell>(() => {});
const SHOWN_MS = 6000;

/** Says in a corner, and to screen readers, what somebody's act came to. */
export function useToast(): Tell {
  return useContext(Telling);
}

export function ToastHost({ children }: { children: ReactNode }) {
  const [told, setTold] = useState<Told[]>([]);
  const next = useRef(0);
  const close = useCallback((id: number) => setTold((held) => held.filter((one) => one.id !== id)), []);
  const tell = useCallback<Tell>(
    (text, tone = "ok") => {
      const id = next.current++;
      setTold((held) => [...held.slice(-3), { id, text, tone }]);
      setTimeout(() => close(id), SHOWN_MS);
    },
    [close],
  );
  return (
    <Telling.Provider value={tell}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {told.map((one) => (
          <div key={one.id} className={`toast tone-${one.tone}`}>
            <i className={`dot dot-${one.tone}`} aria-hidden="true" />
            <span>{one.text}</span>
            <button type="button" aria-label="dismiss" onClick={() => close(one.id)}>
              ✕
            </button>
          </div>
        ))}
      </div>
    </Telling.Provider>
  );
}
