import { type FormEvent, useRef, useState } from "react";
import { entriesOfPaper } from "#domain/paper/entries.ts";
import type { PaperForm } from "#domain/paper/form.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { type FormRow, type MatchedRecord, type MatchRequest, matchesResponse } from "#protocol/control/paper.ts";
import type { ChainRun } from "#protocol/push.ts";
import { Fault } from "#ui/fault.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { formOf } from "./form-of-text.ts";
import {
  CallSection,
  DrugsSection,
  EndingSection,
  ObservationsSection,
  PatientSection,
  StorySection,
} from "./form-sections.tsx";
import { type MatchAnswer, MatchChoice } from "./match-choice.tsx";
import type { PaperText } from "./paper-text.ts";

interface TranscribeFormProps {
  row: FormRow;
  /** Blank, or as it was typed before it was sent back. */
  first: PaperText;
  onDone: () => void;
  onCancel: () => void;
}

/** Reads a form off the paper, in the paper's order. Nothing of it is in a record before somebody else has checked it. */
export const TranscribeForm = ({ row, first, onDone, onCancel }: TranscribeFormProps) => {
  const desk = useDesk();
  const [text, setText] = useState(first);
  const [faults, setFaults] = useState<string[]>([]);
  const [found, setFound] = useState<{ form: PaperForm; records: readonly MatchedRecord[] } | null>(null);
  const [answer, setAnswer] = useState<MatchAnswer>(null);
  /** What was signed last, and of what: saved again unchanged, the form is the same entries and no second set of them. */
  const signed = useRef<{ of: string; run: ChainRun }>(null);
  const { busy, fault, attempt } = useAttempt();
  const path = `/control/v1/paper/forms/${row.number}/transcription`;

  const save = async (form: PaperForm, into: MatchedRecord | undefined): Promise<void> => {
    const state = desk.getState();
    if (state.phase !== "signed-in") return;
    const { userId, name } = state.person;
    const { demonstration } = state;
    const by = { userId, name };
    const of = JSON.stringify({ form, into, by });
    if (signed.current?.of !== of) {
      const drafts = entriesOfPaper({ form, number: row.number, by, about: into?.about, demonstration });
      signed.current = { of, run: await desk.sign(drafts, into) };
    }
    const { run } = signed.current;
    await desk.change(changedResponse, path, { run, about: into !== undefined, expected: row.position });
    onDone();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const read = formOf(text);
      setFaults("faults" in read ? read.faults : []);
      if ("faults" in read) return;
      // Changed after the search, the form is searched for again.
      if (found !== null && JSON.stringify(found.form) === JSON.stringify(read.form)) {
        if (answer === null) throw new Error("Choose whether the form goes on with a record, or is one of its own.");
        const into = found.records.find(({ recordId }) => recordId === answer);
        return save(read.form, into);
      }
      const { records } = await desk.change(matchesResponse, "/control/v1/paper/matches", asked(row.number, read.form));
      // With nothing to choose, a save that failed is simply tried again.
      setFound(records.length > 0 ? { form: read.form, records } : null);
      setAnswer(null);
      if (records.length === 0) await save(read.form, undefined);
    });
  };
  const section = { text, setText };
  return (
    <form className="stack" onSubmit={submit} noValidate aria-label={`Form ${row.number}`}>
      {row.state === "sent-back" && (
        <p className="fault">
          Sent back by {row.by}: “{row.reason}”
        </p>
      )}
      <CallSection {...section} />
      <PatientSection {...section} />
      <StorySection {...section} />
      <ObservationsSection {...section} />
      <DrugsSection {...section} />
      <EndingSection {...section} />
      {found !== null && <MatchChoice records={found.records} value={answer} onChange={setAnswer} />}
      {faults.length > 0 && (
        <div className="fault" role="alert">
          <strong>Look again at:</strong>
          <ul>
            {faults.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </div>
      )}
      <Fault words={fault} />
      <div className="row">
        <button type="submit" className="button big" disabled={busy}>
          Save for the second person
        </button>
        <button type="button" className="button quiet" onClick={onCancel}>
          Leave it, and forget what I typed
        </button>
      </div>
    </form>
  );
};

const asked = (number: string, { at, cadNumber, patient }: PaperForm): MatchRequest => {
  const { familyName, nhsNumber, birthDate } = patient;
  return {
    number,
    at,
    ...(cadNumber !== undefined && { cadNumber }),
    ...(familyName !== undefined && { familyName }),
    ...(nhsNumber && "is" in nhsNumber && { nhsNumber: nhsNumber.is }),
    ...(birthDate && "is" in birthDate && { birthDate: birthDate.is }),
  };
};
