import { useState } from "react";
import type { SignIn } from "../../sign-in/sign-in.ts";
import { PinPad } from "./pin-pad.tsx";
import "./shift.css";

interface SignInScreenProps {
  signIn: SignIn;
  trustName: string;
  demonstration: boolean;
  /** Who signed in last on this tablet, to save a tap. */
  last: string | null;
}

/** Who is it, and the PIN. Also the lock screen: unlocking returns to where the tablet was. */
export const SignInScreen = ({ signIn, trustName, demonstration, last }: SignInScreenProps) => {
  const people = signIn.people();
  const [userId, setUserId] = useState<string | null>(people.some((person) => person.userId === last) ? last : null);
  const [say, setSay] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const person = people.find((one) => one.userId === userId);

  const tryPin = async (pin: string) => {
    if (person === undefined) return;
    setBusy(true);
    const answer = await signIn.signIn(person.userId, pin).catch(() => ({
      signedIn: false as const,
      say: "This tablet's store did not answer. Try again; if it stays so, reload.",
      retryAfterMs: 0,
    }));
    if (answer.signedIn) return;
    setSay(answer.say);
    setTimeout(() => setBusy(false), answer.retryAfterMs);
  };

  return (
    <div className="screen">
      <header className="bar-top">
        <h1>Who are you?</h1>
        <span className="small">{trustName}</span>
      </header>
      <main className="sign-in">
        <section className="people" aria-label="People on this tablet's roster">
          {people.map((one) => (
            <button
              key={one.userId}
              type="button"
              className="btn person"
              aria-pressed={one.userId === userId}
              onClick={() => {
                setUserId(one.userId);
                setSay(null);
              }}
            >
              <span>
                {one.name}
                <small>{one.role}</small>
              </span>
            </button>
          ))}
        </section>
        {person === undefined ? (
          <p className="pin-pad small">Choose your name, then type your PIN.</p>
        ) : (
          <PinPad who={person.name} say={say} busy={busy} onPin={tryPin} />
        )}
      </main>
      {demonstration ? (
        <footer className="bar-bottom small">Demonstration PINs are printed where it was started.</footer>
      ) : null}
    </div>
  );
};
