import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { Fault } from "#ui/fault.tsx";
import { wordsOf } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { comeBack } from "./ways-in.ts";

/** Back from the provider: its answer is shown to the base once, and then gone from the address. */
export const ReturnScreen = () => {
  const desk = useDesk();
  const [, go] = useLocation();
  const [fault, setFault] = useState<string | null>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    const query = location.search.slice(1);
    history.replaceState(null, "", location.pathname);
    comeBack(desk, query).then(
      (from) => go(from, { replace: true }),
      (failure: unknown) => setFault(wordsOf(failure)),
    );
  }, [desk, go]);
  return (
    <main className="centre">
      {fault === null ? (
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
