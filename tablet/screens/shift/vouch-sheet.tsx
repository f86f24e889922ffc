import { type FormEvent, useState } from "react";
import type { Person } from "#client/client.ts";
import { Dialog } from "#ui/dialog.tsx";
import { useKeptAlone } from "../../record/use-kept.ts";
import { TextField } from "../../shell/text-field.tsx";
import { type VouchedPerson, vouchFor } from "../../sign-in/vouch.ts";

interface VouchSheetProps {
  by: Person;
  onVouched: (person: VouchedPerson) => void;
  onClose: () => void;
}

/** Lets somebody write whom the tablet does not know: the signed-in crewmate says who they are, and is named with it. */
export const VouchSheet = ({ by, onVouched, onClose }: VouchSheetProps) => {
  const [form, setForm] = useKeptAlone("vouch", { name: "", role: "", staffNumber: "", isStudent: false });
  const [say, setSay] = useState<string | null>(null);
  const vouch = (event: FormEvent) => {
    event.preventDefault();
    const person = vouchFor(form, by);
    if ("missing" in person) setSay(person.missing);
    else onVouched(person);
  };
  const field = (key: "name" | "role" | "staffNumber", label: string, maxLength: number) => (
    <TextField
      label={label}
      value={form[key]}
      onChange={(value) => setForm({ ...form, [key]: value })}
      maxLength={maxLength}
      autoFocus={key === "name"}
    />
  );
  return (
    <Dialog title="Vouch for a crewmate" onClose={onClose} wide>
      <form className="sheet" onSubmit={vouch}>
        <p>For somebody this tablet does not know. What they write is marked as vouched for by {by.name}.</p>
        <div className="two">
          {field("name", "Name", 100)}
          {field("staffNumber", "Staff number", 40)}
          {field("role", "Role", 100)}
          <button
            type="button"
            className="btn"
            aria-pressed={form.isStudent}
            onClick={() => setForm({ ...form, isStudent: !form.isStudent })}
          >
            A student: a crewmate signs what they write
          </button>
        </div>
        <p className="flag" role="alert">
          {say}
        </p>
        <div className="actions">
          <button type="submit" className="btn primary big">
            Vouch, and let them write
          </button>
        </div>
      </form>
    </Dialog>
  );
};
