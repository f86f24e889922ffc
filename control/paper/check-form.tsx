import { type FormEvent, useState } from "react";
import * as z from "zod/mini";
import { clockText } from "#domain/entry/clock.ts";
import { lineText } from "#domain/entry/compose.ts";
import { paperDate } from "#domain/paper/paper-time.ts";
import { fold } from "#domain/record.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { type FormCheck, type FormRow, waitingTranscription } from "#protocol/control/paper.ts";
import { readEntry } from "#sync/envelope.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { Box, DateBox } from "./boxes.tsx";

interface CheckFormProps {
  row: FormRow;
  onDone: () => void;
}

const blank = { cadNumber: "", familyName: "", birthDate: "", nhsNumber: "" };
/** What the second person reads for themselves is not shown to them. */
const blind: ReadonlySet<string> = new Set(["patient", "incident"]);

/** The second person: reads whose form it is once more, without seeing what the first one read, and compares the rest. */
export const CheckForm = ({ row, onDone }: CheckFormProps) => {
  const desk = useDesk();
  const path = `/control/v1/paper/forms/${row.number}`;
  const { answer, fault: unread } = useAnswer(() => desk.read(waitingTranscription, `${path}/transcription`), [path]);
  const [typed, setTyped] = useState(blank);
  const [sending, setSending] = useState(false);
  const { busy, fault, attempt } = useAttempt();
  const box = (field: keyof typeof blank) => ({
    value: typed[field],
    onChange: (value: string) => setTyped((before) => ({ ...before, [field]: value })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const birthDate = typed.birthDate === "" ? "" : paperDate(typed.birthDate);
      if (birthDate === undefined) throw new Error("Date of birth: day, month, year, as in 01/02/1950.");
      const body: FormCheck = { ...typed, birthDate, expected: row.position };
      await desk.change(z.object({ recordId: z.string() }), `${path}/check`, body);
      onDone();
    });
  };
  const sendBack = async (reason: string) => {
    await desk.change(changedResponse, `${path}/send-back`, { reason, expected: row.position });
    onDone();
  };
  return (
    <form className="stack" onSubmit={submit} aria-label={`Check of form ${row.number}`}>
      <p>
        {row.transcribedBy} read this form. Take the paper: type these four yourself, as they stand there, and leave
        empty what is empty.
      </p>
      <fieldset className="paper-group">
        <legend>Whose form it is</legend>
        <Box label="CAD number" {...box("cadNumber")} />
        <Box label="Surname" {...box("familyName")} />
        <DateBox label="Date of birth" {...box("birthDate")} />
        <Box label="NHS number" maxLength={12} {...box("nhsNumber")} />
      </fieldset>
      <h3>Everything else, to compare</h3>
      <Fault words={unread} />
      {answer && <Lines entries={answer.entries} />}
      <Fault words={fault} />
      <div className="row">
        <button type="submit" className="button big" disabled={busy || answer === undefined}>
          It is the same: into the record
        </button>
        <button type="button" className="button quiet" onClick={() => setSending(true)}>
          Send it back
        </button>
      </div>
      {sending && (
        <ChangeDialog
          title={`Send back ${row.number}`}
          action="Send it back"
          reasonLabel="What is wrong: which box, not whose"
          onChange={sendBack}
          onStale={onDone}
          onClose={() => setSending(false)}
        />
      )}
    </form>
  );
};

const Lines = ({ entries }: { entries: readonly string[] }) => {
  const read = entries.flatMap((text) => readEntry(text).entry ?? []);
  const record = fold(read);
  return (
    <ul className="paper-lines">
      {record.lines
        .filter(({ entry }) => !blind.has(entry.kind))
        .map((line) => {
          const { title, detail } = lineText(line, record);
          return (
            <li key={line.entry.id}>
              <b>{clockText(line.entry.occurredAt)}</b> {title}
              {detail && `: ${detail}`}
            </li>
          );
        })}
    </ul>
  );
};
