import { useState } from "react";
import { Link } from "wouter";
import { atStandby } from "../cells/standby.ts";
import { useCells } from "../cells/use-cells.ts";
import { SignInDialog } from "./sign-in-dialog.tsx";

/** In place of a patient while nobody is signed in at the trust whose patient it is. */
export const SignInFirst = () => {
  const [asking, setAsking] = useState(false);
  const { snapshots } = useCells();
  const close = () => setAsking(false);
  return (
    <main className="centre">
      <div className="stack">
        <h1>Sign in to open this patient</h1>
        <p>The board shows who is coming without names. A patient opens for a person who is signed in.</p>
        {atStandby(snapshots).length > 0 && (
          <p>The standby answers, and knows no sign-in of the base's: yours there goes on when the base is back.</p>
        )}
        <button type="button" className="button big" onClick={() => setAsking(true)}>
          Sign in
        </button>
        <Link href="/" className="button quiet">
          Arrivals
        </Link>
      </div>
      {asking && <SignInDialog onDone={close} onClose={close} />}
    </main>
  );
};
