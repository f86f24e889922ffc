import { useState } from "react";
import type { Person } from "#client/client.ts";
import { TextField } from "../../shell/text-field.tsx";
import type { SignIn } from "../../sign-in/sign-in.ts";
import { PinPad } from "./pin-pad.tsx";
import "./shift.css";

interface SignInScreenProps {
  signIn: SignIn;
  trustName: string;
  demonstration: boolean;
  /** Who signed in last on this tablet, to save a tap. */
  last: string | null;
  /** Who is on the shift: shown before the rest of the roster. */
  crew: readonly string[];
  onNewRecord: () => void;
  onNobody: () => void;
  onDowntime: () => void;
  onCode: () => void;
}

/** More than this is looked for by name or staff number. */
const tilesMax = 12;

/** Who is it, and the PIN. Also the lock screen: unlocking returns to where the tablet was. */
export const SignInScreen = ({
  signIn,
  trustName,
  demonstration,
  last,
  crew,
  onNewRecord,
  onNobody,
  onDowntime,
  onCode,
}: SignInScreenProps) => {
  const people = signIn.people();
  const [userId, setUserId] = useState<string | null>(people.some((person) => person.userId === last) ? last : null);
  const [looking, setLooking] = useState("");
  const [say, setSay] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const person = people.find((one) => one.userId === userId);
  const shown = peopleShown(people, crew, looking);

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
        <span className="small">
          {trustName}
          {demonstration ? " · demonstration PINs are printed where it was started" : ""}
        </span>
      </header>
      <main className="sign-in">
        <div className="stack">
          {people.length > tilesMax ? (
            <TextField label="Name or staff number" value={looking} onChange={setLooking} maxLength={60} />
          ) : null}
          <section className="people" aria-label="People on this tablet's roster">
            {shown.map((one) => (
              <button
                key={one.userId}
                type="button"
                className="btn person"
                aria-pressed={one.userId === userId}
                onClick={() => {
                  setUserId(one.userId);
                  setSay(null);
                  setBusy(false);
                }}
              >
                <span>
                  {one.name}
                  <small>{one.role}</small>
                </span>
              </button>
            ))}
          </section>
          {shown.length < people.length ? (
            <p className="small">
              {shown.length} of {people.length} people. Type a name or a staff number for the others.
            </p>
          ) : null}
        </div>
        {person === undefined ? (
          <p className="pin-pad small">Choose your name, then type your PIN.</p>
        ) : (
          <PinPad who={person.name} say={say} busy={busy} onPin={tryPin} />
        )}
      </main>
      <footer className="bar-bottom">
        <button type="button" className="btn big" onClick={onNewRecord}>
          + Record without signing in
        </button>
        <span className="small">Write only; who wrote it is asked afterwards.</span>
        <span className="grow" />
        <button type="button" className="btn quiet" onClick={onCode}>
          I have a code for a PIN
        </button>
        <button type="button" className="btn quiet" onClick={onNobody}>
          No PIN works here
        </button>
        <button type="button" className="btn quiet" onClick={onDowntime}>
          Downtime: whom to call
        </button>
      </footer>
    </div>
  );
};

/** The shift's crew first, then the others by name; of a long roster those that match what was typed. */
const peopleShown = (people: readonly Person[], crew: readonly string[], looking: string): readonly Person[] => {
  if (people.length <= tilesMax) return people;
  const words = looking.trim().toLowerCase();
  const matches = people.filter(
    ({ name, staffNumber }) =>
      words === "" || name.toLowerCase().includes(words) || staffNumber?.toLowerCase().startsWith(words),
  );
  const isCrew = ({ userId }: Person): number => (crew.includes(userId) ? 0 : 1);
  return matches.toSorted((a, b) => isCrew(a) - isCrew(b) || a.name.localeCompare(b.name)).slice(0, tilesMax);
};
