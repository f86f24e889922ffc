import { type FormEvent, useState } from "react";
import type { Arrival } from "#domain/handover/arrival.ts";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { News2Badge } from "#ui/news-badge.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import type { ScreenPerson } from "../sign-in/person.ts";
import { SignInDialog } from "../sign-in/sign-in-dialog.tsx";

interface AcceptDialogProps {
  arrival: Arrival;
  /** Who is signed in at the trust whose patient it is. */
  person: ScreenPerson | null;
  onAccept: (person: ScreenPerson, comment: string) => Promise<void>;
  onClose: () => void;
}

/** One look at who it is before a name goes under it: the wrong row is the commonest way to the wrong patient. */
export const AcceptDialog = ({ arrival, person, onAccept, onClose }: AcceptDialogProps) => {
  const [comment, setComment] = useState("");
  const { busy, fault, attempt } = useAttempt();
  if (!person) return <SignInDialog onDone={() => {}} onClose={onClose} />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      await onAccept(person, comment);
      onClose();
    });
  };
  return (
    <Dialog title={`Accept handover of ${arrival.callSign}`} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <div className="row accept-who">
          <News2Badge news2={arrival.news2} large />
          <div>
            <div className="headline">{arrival.concern}</div>
            <div>
              <b>{arrival.ageSex}</b>
              {arrival.name !== undefined && ` · ${arrival.name}`} {arrival.detail && `· ${arrival.detail}`}
            </div>
            <div className="soft">{arrival.allergy ?? "Allergies not recorded"}</div>
          </div>
        </div>
        {arrival.demonstration && <DemonstrationMark />}
        <TextField
          label="Answer to the crew, if any"
          data-first
          value={comment}
          onChange={setComment}
          maxLength={500}
        />
        <Fault words={fault} />
        <button type="submit" className="button big" disabled={busy}>
          Accept as {person.name}, {person.role}
        </button>
      </form>
    </Dialog>
  );
};
