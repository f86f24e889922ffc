import { useSnapshot } from "./client-context.tsx";

/** How much is only on this tablet, in one pill on every screen. */
export const WaitingPill = () => {
  const { waiting, waitingBlobs, phase, link } = useSnapshot();
  const count = waiting + waitingBlobs;
  // Locked, or before the first round, this tablet has not counted: it must not say that all is sent.
  if (phase !== "ready" || (count === 0 && link === "unknown")) return null;
  return (
    <span className={count === 0 ? "chip ok pill" : "chip wait pill"} role="status">
      {count === 0 ? "✓ All sent" : `● ${count} waiting, saved on this tablet`}
    </span>
  );
};
