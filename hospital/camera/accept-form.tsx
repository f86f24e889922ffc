import { type FormEvent, useState } from "react";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { authorOf, type ScreenPerson, screenAuthor } from "../sign-in/person.ts";
import type { Accepting } from "./answer.ts";

interface AcceptFormProps {
  /** Null where nobody is signed in at this trust: without its base nobody can be. */
  person: ScreenPerson | null;
  siteName: string;
  onAccept: (by: Accepting) => Promise<void>;
}

/** The handover is accepted by name: of whoever is signed in, or as it is typed, and then the crew reads that nobody was. */
export const AcceptForm = ({ person, siteName, onAccept }: AcceptFormProps) => {
  const [name, setName] = useState("");
  const [role, setRole] = useState("");
  const { busy, fault, attempt } = useAttempt();
  const by: Accepting = person
    ? { name: person.name, role: person.role, author: authorOf(person) }
    : { name: name.trim(), role: `${role.trim() || "role not given"}, not signed in`, author: screenAuthor(siteName) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(() => onAccept(by));
  };
  return (
    <form className="card padded-card stack" onSubmit={submit} aria-labelledby="accept-film">
      <h2 id="accept-film">Accept the handover</h2>
      {person === null && (
        <>
          <p className="soft">
            Nobody is signed in. The crew and the record will read your name, and that you were not.
          </p>
          <TextField label="Your name" value={name} onChange={setName} maxLength={150} />
          <TextField label="Your role" value={role} onChange={setRole} maxLength={100} />
        </>
      )}
      <Fault words={fault} />
      <button type="submit" className="button big" disabled={busy || by.name === ""}>
        {person === null ? "Accept handover" : `Accept as ${person.name}, ${person.role}`}
      </button>
    </form>
  );
};
