import { useClient, useSnapshot } from "./client-context.tsx";

/** How much is only on this tablet, in one pill. Pressing it tries to send now. */
export const WaitingPill = () => {
  const client = useClient();
  const { waiting, waitingBlobs } = useSnapshot();
  const count = waiting + waitingBlobs;
  return (
    <button
      type="button"
      className={count === 0 ? "chip ok pill" : "chip wait pill"}
      aria-label={count === 0 ? "All sent. Send again" : `${count} waiting, saved on this tablet. Send now`}
      onClick={() => void client.syncNow()}
    >
      {count === 0 ? "✓ All sent" : `● ${count} waiting, saved on this tablet`}
    </button>
  );
};
