import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { addPasskey, lacksPasskey } from "#client/sign-in.ts";
import { Fault } from "#ui/fault.tsx";
import { OfferPasskey } from "#ui/offer-passkey.tsx";
import { wordsOf } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { comeBack, orThrow } from "./ways-in.ts";

/** Back from the provider: its answer is shown to the base once, and then gone from the address. */
export const ReturnScreen = () => {
  const desk = useDesk();
  const [, go] = useLocation();
  const [fault, setFault] = useState<string | null>(null);
  const [offeredFrom, setOfferedFrom] = useState<string | null>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    const query = location.search.slice(1);
    history.replaceState(null, "", location.pathname);
    comeBack(desk, query).then(
      async (from) => {
        // Whether there is one is no reason to keep anybody out.
        if (await lacksPasskey(desk.signInPlace()).catch(() => false)) setOfferedFrom(from);
        else go(from, { replace: true });
      },
      (failure: unknown) => setFault(wordsOf(failure)),
    );
  }, [desk, go]);
  return (
    <main className="centre">
      {offeredFrom !== null ? (
        <OfferPasskey
          onMake={() => orThrow(addPasskey([desk.signInPlace()], "Desk", undefined))}
          onDone={() => go(offeredFrom, { replace: true })}
        />
      ) : fault === null ? (
        <p role="status">Signing in…</p>
      ) : (
        <div className="stack">
          <Fault words={fault} />
          <Link href="/" className="button">
            Sign in again
          </Link>
        </div>
      )}
    </main>
  );
};
