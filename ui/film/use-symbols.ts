import { type RefObject, useEffect, useRef, useState } from "react";
import SymbolWorker from "./symbol-worker.ts?worker";

/** `asking`: the browser asks for leave. The others say what to do. */
export type CameraState = "asking" | "watching" | "no-leave" | "no-camera" | "busy" | "lost";

/** As much as a symbol needs at arm's length; more only takes longer to read. */
const wanted: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
};

const stateOf = (failure: unknown): CameraState => {
  const name = failure instanceof DOMException ? failure.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "no-leave";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "no-camera";
};

/**
 * Reads symbols from this device's camera for as long as it is drawn, one picture after another: while one is read the others are
 * passed over. `onSymbol` is called with each that could be read, and the next is read when it is done. Pictures leave this
 * device nowhere.
 */
export const useSymbols = (
  onSymbol: (bytes: Uint8Array) => Promise<void>,
): { video: RefObject<HTMLVideoElement | null>; state: CameraState } => {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<CameraState>("asking");
  const listener = useRef(onSymbol);
  useEffect(() => {
    listener.current = onSymbol;
  });
  useEffect(() => {
    const worker = new SymbolWorker();
    let stream: MediaStream | undefined;
    let ended = false;
    let frame = 0;

    const answer = (): Promise<Uint8Array | null> =>
      new Promise((resolve) => {
        worker.onmessage = ({ data }: MessageEvent<Uint8Array | null>) => resolve(data);
        worker.onerror = () => resolve(null);
      });
    const look = async () => {
      const shown = video.current;
      if (ended || shown === null) return;
      if (shown.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && shown.videoWidth > 0) {
        const answered = answer();
        const bitmap = await createImageBitmap(shown).catch(() => undefined);
        if (bitmap) {
          worker.postMessage(bitmap, [bitmap]);
          const symbol = await answered;
          if (symbol && !ended) await listener.current(symbol);
        }
      }
      if (!ended) frame = requestAnimationFrame(() => void look());
    };
    const begin = async () => {
      if (navigator.mediaDevices === undefined) return setState("no-camera");
      try {
        stream = await navigator.mediaDevices.getUserMedia(wanted);
      } catch (failure) {
        if (!ended) setState(stateOf(failure));
        return;
      }
      const shown = video.current;
      if (ended || shown === null) return stopAll(stream);
      stream.getVideoTracks()[0]?.addEventListener("ended", () => setState("lost"));
      shown.srcObject = stream;
      await shown.play().catch(() => {});
      setState("watching");
      void look();
    };
    void begin();
    return () => {
      ended = true;
      cancelAnimationFrame(frame);
      worker.terminate();
      stopAll(stream);
    };
  }, []);
  return { video, state };
};

const stopAll = (stream: MediaStream | undefined): void => {
  for (const track of stream?.getTracks() ?? []) track.stop();
};
