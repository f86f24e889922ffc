import { useEffect, useRef } from "react";
import { drawSymbol, symbolOf } from "./symbol.ts";
import "./film.css";

interface FilmPlayerProps {
  /** Bytes of the symbol at a place of the film, 0 for the first. */
  frameAt: (slot: number) => Promise<Uint8Array>;
  framesPerSecond: number;
  /** Holds the first symbol still. */
  still: boolean;
  label: string;
}

/** A film of symbols from its beginning (another film needs another key), black on white in every theme. The screen does not go dark while it is shown. */
export const FilmPlayer = ({ frameAt, framesPerSecond, still, label }: FilmPlayerProps) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  /** Where the film goes on: at another speed, and after it was held, the camera lacks what it lacked before. */
  const next = useRef(0);
  useEffect(() => keepAwake(), []);
  useEffect(() => {
    const shown = canvas.current;
    if (shown === null) return;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = async (slot: number) => {
      const dueMs = performance.now() + 1_000 / framesPerSecond;
      const symbol = symbolOf(await frameAt(slot));
      if (ended) return;
      drawSymbol(shown, symbol);
      shown.dataset.slot = String(slot);
      if (still) return;
      next.current = slot + 1;
      timer = setTimeout(() => void show(slot + 1), Math.max(0, dueMs - performance.now()));
    };
    void show(still ? 0 : next.current);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [frameAt, framesPerSecond, still]);
  return <canvas ref={canvas} className="film-symbol" role="img" aria-label={label} width={840} height={840} />;
};

/** Asks for a screen that stays on; where the browser does not know how, the crew taps. */
const keepAwake = (): (() => void) => {
  let lock: WakeLockSentinel | undefined;
  let ended = false;
  const ask = async () => {
    if (document.visibilityState !== "visible" || navigator.wakeLock === undefined) return;
    const held = await navigator.wakeLock.request("screen").catch(() => undefined);
    if (ended) await held?.release();
    else lock = held;
  };
  const again = () => void ask();
  again();
  // The browser takes it away when the page is hidden.
  document.addEventListener("visibilitychange", again);
  return () => {
    ended = true;
    document.removeEventListener("visibilitychange", again);
    void lock?.release();
  };
};
