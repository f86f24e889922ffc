import { useSnapshot } from "./client-context.tsx";

/** How much is only on this tablet, in one pill on every screen. */
export const WaitingPill = () => {
  const { waiting, waitingBlobs, phase } = useSnapshot();
  if (phase !== "ready" && phase !== "locked") return null;
  const count = waiting + waitingBlobs;
  return (
    <span className={count === 0 ? "chip ok pill" : "chip wait pill"} role="status">
      {count === 0 ? "✓ All sent" : `● ${count} waiting, saved on this tablet`}
    </span>
  );
};
