import { useState } from "react";
import { useSession } from "../../record/session.tsx";
import { unconfirmedOf } from "../../record/unconfirmed.ts";
import { saveDraft } from "../../record/unsaved.ts";
import { crewOf } from "../../shift.ts";

/** Asks who wrote what was written on the locked tablet. The answer is a note about it, under the name of who answers. */
export const ConfirmAuthor = () => {
  const { client, enrolment, shift, author, record, recordId } = useSession();
  const [saving, setSaving] = useState(false);
  const open = unconfirmedOf(record);
  if (open === null) return null;
  const confirm = async (name: string) => {
    setSaving(true);
    const entries = open.count === 1 ? "The entry" : `The ${open.count} entries`;
    const text = `${entries} made on the locked tablet, ${open.when}, written by ${name}, says ${author.name}.`;
    const ref = { rel: "about" as const, id: open.firstId, reason: "author confirmed" };
    await saveDraft(client, { recordId, kind: "note", author, body: { text }, ref });
    setSaving(false);
  };
  return (
    <section className="card pad-in">
      <fieldset className="chips" disabled={saving}>
        <legend>
          Author to be confirmed: {open.count} {open.count === 1 ? "entry" : "entries"} on the locked tablet,{" "}
          {open.when}. Written by
        </legend>
        {crewOf(shift, enrolment.people, author).map(({ userId, name }) => (
          <button key={userId} type="button" className="btn" onClick={() => void confirm(name)}>
            {userId === author.userId ? `Me, ${name}` : name}
          </button>
        ))}
      </fieldset>
    </section>
  );
};
