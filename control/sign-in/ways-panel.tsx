import { useEffect, useState } from "react";
import { readWays, signInByPasskey } from "#client/sign-in.ts";
import type { SignInWays } from "#protocol/sign-in.ts";
import { useDesk } from "../desk/desk-context.ts";
import { wordsOf } from "../parts/words.ts";
import { leaveForProvider, orThrow } from "./ways-in.ts";

/** The two everyday ways to show both factors: a passkey, or the trust's provider. */
export const WaysPanel = ({ onSignedIn }: { onSignedIn?: () => void }) => {
  const desk = useDesk();
  const [ways, setWays] = useState<SignInWays>();
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    readWays(desk.signInPlace()).then(setWays, (failure: unknown) => setFault(wordsOf(failure)));
  }, [desk]);

  const attempt = async (way: () => Promise<void>) => {
    setBusy(true);
    setFault(null);
    try {
      await way();
    } catch (failure) {
      setFault(wordsOf(failure));
    }
    setBusy(false);
  };
  return (
    <div className="stack">
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
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
