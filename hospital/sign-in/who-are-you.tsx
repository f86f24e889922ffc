import { type FormEvent, useState } from "react";
import { Dialog } from "#ui/dialog.tsx";
import { type ScreenPerson, setPerson, usePerson } from "./person.ts";

const roles = ["Consultant", "Registrar", "Doctor", "Nurse in charge", "Nurse", "Advanced practitioner"];

interface WhoAreYouProps {
  onDone: (person: ScreenPerson) => void;
  onClose: () => void;
}

/** Asked once per person, because an acceptance without a name is worth nothing. Watching the board needs no name. */
export const WhoAreYou = ({ onDone, onClose }: WhoAreYouProps) => {
  const before = usePerson();
  const [name, setName] = useState(before?.name ?? "");
  const [role, setRole] = useState(before?.role ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const person = { name: name.trim(), role: role.trim() };
    setPerson(person);
    onDone(person);
  };
  const complete = name.trim().length > 1 && role.trim().length > 1;
  return (
    <Dialog title="Who are you?" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p className="soft">
          Your name and role go with what you accept, and the crew sees them. In this demonstration nobody checks them.
        </p>
        <label className="field">
          Name
          <input
            data-first
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
            maxLength={80}
          />
        </label>
        <label className="field">
          Role
          <input value={role} onChange={(event) => setRole(event.target.value)} autoComplete="off" maxLength={80} />
        </label>
        <fieldset className="choices" aria-label="Usual roles">
          {roles.map((usual) => (
            <button
              key={usual}
              type="button"
              className="button quiet"
              aria-pressed={role === usual}
              onClick={() => setRole(usual)}
            >
              {usual}
            </button>
          ))}
        </fieldset>
        <button type="submit" className="button big" disabled={!complete}>
          Continue
        </button>
        {before && (
          <button
            type="button"
            className="button quiet"
            onClick={() => {
              setPerson(null);
              onClose();
            }}
          >
            Sign out {before.name}
          </button>
        )}
      </form>
    </Dialog>
  );
};
