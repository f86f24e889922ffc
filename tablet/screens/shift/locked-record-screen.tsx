import { useEffect, useRef, useState } from "react";
import type { Enrolment } from "#client/client.ts";
import { clockTime } from "#ui/times.ts";
import { lockedRecord } from "../../record/locked-record.ts";
import { useClient } from "../../shell/client-context.tsx";
import { TextField } from "../../shell/text-field.tsx";
import type { Shift } from "../../shift.ts";
import "./shift.css";

const events = [
  "Cardiac arrest",
  "CPR started",
  "Shock given",
  "Rhythm check",
  "ROSC",
  "Airway managed",
  "Oxygen started",
  "IV access",
  "IO access",
  "Resuscitation stopped",
] as const;

interface LockedRecordScreenProps {
  enrolment: Enrolment;
  shift: Shift | null;
  onDone: () => void;
}

/**
 * A record on a locked tablet: what is tapped is kept with its time, and nothing can be read back, not even here. Whoever
 * unlocks finds it, and says who wrote it.
 */
export const LockedRecordScreen = ({ enrolment, shift, onDone }: LockedRecordScreenProps) => {
  const client = useClient();
  const [record] = useState(() => lockedRecord(client, enrolment, shift));
  const [note, setNote] = useState("");
  const [count, setCount] = useState(0);
  const [said, setSaid] = useState("");
  const [failed, setFailed] = useState(false);

  const save = async (words: string, write: () => Promise<void>): Promise<boolean> => {
    try {
      await write();
      setCount((before) => before + 1);
      setSaid(`✓ ${words} saved, ${clockTime(Date.now())}`);
      setFailed(false);
      return true;
    } catch {
      setFailed(true);
      return false;
    }
  };
  // Nobody loses a note to a button that was not pressed, or to the screen that shuts by itself.
  const typed = useRef("");
  useEffect(() => {
    typed.current = note.trim();
  }, [note]);
  useEffect(
    () => () => {
      if (typed.current !== "") void record.write("note", { text: typed.current }).catch(() => {});
    },
    [record],
  );

  const saveNote = async () => {
    const isSaved = await save("Note", () => record.write("note", { text: note.trim() }));
    if (isSaved) setNote("");
  };

  return (
    <div className="screen">
      <header className="bar-top">
        <h1>New record, tablet locked</h1>
        <span className="small">{shift?.callSign ?? enrolment.trustName} · write only, author to be confirmed</span>
        <span className="grow" />
        <b role="status">{count === 0 ? "Nothing written yet" : `${said} · ${count} in all`}</b>
      </header>
      <main className="locked-record">
        <section className="card pad-in stack">
          <fieldset className="chips">
            <legend>One tap, with its time</legend>
            <button
              type="button"
              className="btn big"
              onClick={() => void save("At patient", () => record.write("milestone", { milestone: "at-patient" }))}
            >
              At patient
            </button>
            {events.map((event) => (
              <button
                key={event}
                type="button"
                className="btn big"
                onClick={() => void save(event, () => record.write("event", { event }))}
              >
                {event}
              </button>
            ))}
          </fieldset>
        </section>
        <section className="card pad-in stack">
          <TextField label="Note" value={note} onChange={setNote} rows={8} maxLength={20_000} />
          <button
            type="button"
            className="btn primary big"
            disabled={note.trim() === ""}
            onClick={() => void saveNote()}
          >
            Save note
          </button>
          {failed ? (
            <p className="flag" role="alert">
              NOT SAVED. Try again; if it stays so, use another tablet or paper.
            </p>
          ) : null}
        </section>
      </main>
      <footer className="bar-bottom">
        <span className="small">
          Saved on this tablet and sent when the base is there. Sign in to see it and to go on.
        </span>
        <span className="grow" />
        <button type="button" className="btn big" onClick={onDone}>
          Done, or sign in
        </button>
      </footer>
    </div>
  );
};
