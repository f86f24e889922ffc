import { type CameraState, useSymbols } from "./use-symbols.ts";
import "./film.css";

const words: Record<Exclude<CameraState, "watching">, string> = {
  asking: "Waiting for the camera. If the browser asks, allow it.",
  "no-leave":
    "This browser may not use the camera. Allow it for this page, in the browser's address bar, and come back.",
  "no-camera": "No camera was found on this device.",
  busy: "The camera is in use by another program, or does not answer. Close the other program and come back.",
  lost: "The camera was taken away. Plug it in again and come back.",
};

interface CameraViewProps {
  /** What the camera is to be held to. */
  label: string;
  onSymbol: (bytes: Uint8Array) => Promise<void>;
}

/** What the camera sees, so that whoever holds it can aim; or why it sees nothing. */
export const CameraView = ({ label, onSymbol }: CameraViewProps) => {
  const { video, state } = useSymbols(onSymbol);
  return (
    <div className="camera">
      <video ref={video} muted playsInline aria-label={label} hidden={state !== "watching"} />
      {state !== "watching" && (
        <p role={state === "asking" ? "status" : "alert"} className="camera-words">
          {words[state]}
        </p>
      )}
    </div>
  );
};
