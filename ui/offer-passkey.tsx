import { Fault } from "./fault.tsx";
import { useAttempt } from "./use-attempt.ts";

interface OfferPasskeyProps {
  /** Rejects in words where none was made. */
  onMake: () => Promise<void>;
  onDone: () => void;
}

/** To somebody whom the provider alone vouches for: the way in on the day that it, or the base, does not answer. */
export const OfferPasskey = ({ onMake, onDone }: OfferPasskeyProps) => {
  const { busy, fault, attempt } = useAttempt();
  const make = () =>
    attempt(async () => {
      await onMake();
      onDone();
    });
  return (
    <div className="stack">
      <h1>You have no passkey yet</h1>
      <p>
        You are signed in. On the day that your organisation's sign-in or the base does not answer, a passkey is the way
        in, at the standby too.
      </p>
      <Fault words={fault} />
      <button type="button" className="button big" disabled={busy} onClick={() => void make()}>
        Make a passkey
      </button>
      <button type="button" className="button quiet" disabled={busy} onClick={onDone}>
        Not now
      </button>
    </div>
  );
};
