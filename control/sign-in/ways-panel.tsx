import { readWays, signInByPasskey } from "#client/sign-in.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { leaveForProvider, orThrow } from "./ways-in.ts";

/** The two everyday ways to show both factors: a passkey, or the trust's provider. */
export const WaysPanel = ({ onSignedIn }: { onSignedIn?: () => void }) => {
  const desk = useDesk();
  const { answer: ways, fault: unread } = useAnswer(() => readWays(desk.signInPlace()), [desk]);
  const { busy, fault, attempt } = useAttempt();
  return (
    <div className="stack">
      <Fault words={fault ?? unread} />
      <button
        type="button"
        className="button big"
        data-first
        disabled={busy}
        onClick={() =>
          attempt(async () => {
            await orThrow(signInByPasskey([desk.signInPlace()]));
            onSignedIn?.();
          })
        }
      >
        Use a passkey
      </button>
      {ways?.provider && (
        <button
          type="button"
          className="button quiet big"
          disabled={busy}
          onClick={() => attempt(() => leaveForProvider(desk))}
        >
          Use {ways.provider.name}
        </button>
      )}
    </div>
  );
};
