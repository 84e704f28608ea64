import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { fitted, heightFor, pannedBy, type Viewport, zoomedAt } from "./viewport";

const STEP = 1.2;
const PAN = 60;

interface Shown {
  viewport: Viewport;
  fit: () => void;
  zoom: (factor: number) => void;
  /** Brings a place of the paper into sight. */
  reveal: (x: number, y: number, width: number, height: number) => void;
  dragging: boolean;
  /** As high as the paper needs, within reason. */
  height: number;
  onKeyDown: (event: KeyboardEvent) => void;
  onPointerDown: (event: PointerEvent) => void;
}

/** A window on a paper: it fits the whole until somebody moves it. The wheel zooms with ctrl, or where the focus is in it. */
export function useViewport(box: RefObject<HTMLElement | null>, width: number, height: number): Shown {
  const [viewport, setViewport] = useState<Viewport>({ x: 0, y: 0, k: 1 });
  const [dragging, setDragging] = useState(false);
  const moved = useRef(false);
  const size = useRef({ width: 0, height: 0 });
  const [room, setRoom] = useState(0);

  const fit = useCallback(() => {
    moved.current = false;
    setViewport(fitted(size.current, { width, height }));
  }, [width, height]);
  const zoom = useCallback((factor: number) => {
    moved.current = true;
    setViewport((held) => zoomedAt(held, factor, size.current.width / 2, size.current.height / 2));
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measured = () => {
      size.current = { width: element.clientWidth, height: element.clientHeight };
      setRoom(element.clientWidth);
      if (!moved.current) setViewport(fitted(size.current, { width, height }));
    };
    measured();
    const watched = new ResizeObserver(measured);
    watched.observe(element);
    return () => watched.disconnect();
  }, [box, width, height]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    // Not by React: its listeners are passive, and the page would scroll too.
    const wheeled = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && !element.contains(document.activeElement)) return;
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016));
      moved.current = true;
      setViewport((held) => zoomedAt(held, factor, event.clientX - left, event.clientY - top));
    };
    element.addEventListener("wheel", wheeled, { passive: false });
    return () => element.removeEventListener("wheel", wheeled);
  }, [box]);

  const onPointerDown = useCallback((event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest("[data-node], button")) return;
    const element = event.currentTarget as HTMLElement;
    element.setPointerCapture(event.pointerId);
    setDragging(true);
    let { clientX, clientY } = event;
    const drag = (next: globalThis.PointerEvent) => {
      moved.current = true;
      const [x, y] = [next.clientX - clientX, next.clientY - clientY];
      ({ clientX, clientY } = next);
      setViewport((held) => pannedBy(held, x, y));
    };
    const end = () => {
      element.removeEventListener("pointermove", drag);
      element.removeEventListener("pointerup", end);
      element.removeEventListener("pointercancel", end);
      setDragging(false);
    };
    element.addEventListener("pointermove", drag);
    element.addEventListener("pointerup", end);
    element.addEventListener("pointercancel", end);
  }, []);

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
      const pans: Record<string, [number, number]> = {
        ArrowLeft: [PAN, 0],
        ArrowRight: [-PAN, 0],
        ArrowUp: [0, PAN],
        ArrowDown: [0, -PAN],
      };
      const pan = pans[event.key];
      if (pan) setViewport((held) => pannedBy(held, ...pan));
      else if (event.key === "+" || event.key === "=") zoom(STEP);
      else if (event.key === "-") zoom(1 / STEP);
      else if (event.key === "0") fit();
      else return;
      if (pan) moved.current = true;
      event.preventDefault();
    },
    [fit, zoom],
  );

  const reveal = useCallback((x: number, y: number, wide: number, high: number) => {
    setViewport((held) => {
      const [left, top] = [x * held.k + held.x, y * held.k + held.y];
      const room = size.current;
      const by = (from: number, length: number, most: number) =>
        from < 0 ? 16 - from : from + length > most ? Math.min(16 - from, most - 16 - from - length) : 0;
      const [right, down] = [by(left, wide * held.k, room.width), by(top, high * held.k, room.height)];
      if (right || down) moved.current = true;
      return right || down ? pannedBy(held, right, down) : held;
    });
  }, []);

  return {
    viewport,
    fit,
    zoom,
    reveal,
    dragging,
    height: heightFor(room, { width, height }),
    onKeyDown,
    onPointerDown,
  };
}
