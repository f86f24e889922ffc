import { useSyncExternalStore } from "react";
import { subscribeUnsaved, unsaved } from "../record/unsaved.ts";
import { useSnapshot } from "./client-context.tsx";

/** How much is only on this tablet, in one pill on every screen. */
export const WaitingPill = () => {
  const { waiting, waitingBlobs, phase, link } = useSnapshot();
  const count = waiting + waitingBlobs;
  const lost = useSyncExternalStore(subscribeUnsaved, unsaved).length;
  // Locked, or before the first round, what is not counted yet must not be called sent.
  if (phase === "locked" ? count === 0 : phase !== "ready" || (count === 0 && link === "unknown")) return null;
  if (lost > 0)
    return (
      <span className="chip alarm pill" role="status">
        ! {lost} not saved
      </span>
    );
  return (
    <span className={count === 0 ? "chip ok pill" : "chip wait pill"} role="status">
      {count === 0 ? "✓ All sent" : `● ${count} waiting, saved on this tablet`}
    </span>
  );
};
