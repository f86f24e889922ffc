import { type FormEvent, useState } from "react";
import type { MadeFilm } from "#client/film/make-film.ts";
import { useSession } from "../../record/session.tsx";
import { TextField } from "../../shell/text-field.tsx";
import { typedReceipt } from "./receipt.ts";

/** Where no camera reads the receipt: its code, and who read it out. The hospital's own entry follows by the network. */
export const CodeForm = ({ film, onDone }: { film: MadeFilm; onDone: () => void }) => {
  const { write } = useSession();
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState("");
  const [words, setWords] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const read = await typedReceipt(film, code, Date.now());
    if ("words" in read) return setWords(read.words);
    const saved = await write("handover", {
      receiverName: name.trim(),
      ...(role.trim() && { receiverRole: role.trim() }),
      receiptCodeAt: read.acceptedAt,
    });
    if (saved !== undefined) onDone();
  };
  return (
    <form className="card pad-in stack" onSubmit={(event) => void submit(event)}>
      <h2>The receipt's code</h2>
      <TextField
        label="Code under the receipt"
        value={code}
        onChange={setCode}
        inputMode="numeric"
        maxLength={20}
        hint="Eleven digits."
        autoFocus
      />
      <TextField label="Who accepted" value={name} onChange={setName} maxLength={200} />
      <TextField label="Their role" value={role} onChange={setRole} maxLength={200} />
      {words === null ? null : (
        <p className="flag" role="alert">
          ! {words}
        </p>
      )}
      <button type="submit" className="btn primary big" disabled={code.trim() === "" || name.trim() === ""}>
        Record the acceptance
      </button>
    </form>
  );
};
