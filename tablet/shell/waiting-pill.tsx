import { useSyncExternalStore } from "react";
import { subscribeUnsaved, unsaved } from "../record/unsaved.ts";
import { useClient, useSnapshot } from "./client-context.tsx";

/** How much is not at the base, in one pill on every screen: what is only on this tablet, and what a standby has too. */
export const WaitingPill = () => {
  const client = useClient();
  const { waiting, waitingBlobs, held, phase, link } = useSnapshot();
  const here = waiting + waitingBlobs;
  const count = here + held;
  const lost = useSyncExternalStore(subscribeUnsaved, () => unsaved(client)).length;
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
      {count === 0 ? "✓ All sent" : `● ${pillWords(here, held)}`}
    </span>
  );
};

const pillWords = (here: number, held: number): string => {
  if (held === 0) return `${here} waiting, saved on this tablet`;
  const atStandby = `${held} at the standby, not yet at the base`;
  return here === 0 ? atStandby : `${here} waiting here · ${atStandby}`;
};
