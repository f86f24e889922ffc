import { useState } from "react";
import type { Entry } from "#domain/entry/entry.ts";
import { paperOfEntries } from "#domain/paper/entries.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { type FormAccount, type FormRow, waitingTranscription } from "#protocol/control/paper.ts";
import { Fault } from "#ui/fault.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { HistoryDialog } from "../parts/history-dialog.tsx";
import { fullTime } from "../parts/words.ts";
import { CheckForm } from "./check-form.tsx";
import { blankText, type PaperText } from "./paper-text.ts";
import { textOf } from "./text-of-form.ts";
import { TranscribeForm } from "./transcribe-form.tsx";
import { stateWords } from "./words.ts";

interface FormPanelProps {
  row: FormRow;
  /** Something became of it, or it is put aside. */
  onDone: (said?: string) => void;
  onStale: () => void;
}

const accounts: readonly { state: FormAccount["state"]; label: string }[] = [
  { state: "void", label: "Void" },
  { state: "lost", label: "Lost" },
  { state: "not-used", label: "Not used" },
];
const mayTranscribe: ReadonlySet<FormRow["state"]> = new Set(["in-store", "out", "lost", "sent-back"]);
const mayAccount: ReadonlySet<FormRow["state"]> = new Set(["in-store", "out", "lost", "void", "not-used", "sent-back"]);

/** One form: what is known of it, and what can be done with it. */
export const FormPanel = ({ row, onDone, onStale }: FormPanelProps) => {
  const desk = useDesk();
  const [text, setText] = useState<PaperText | null>(null);
  const [saying, setSaying] = useState<(typeof accounts)[number] | null>(null);
  const [history, setHistory] = useState(false);
  const { busy, fault, attempt } = useAttempt();
  const path = `/control/v1/paper/forms/${row.number}`;
  const begin = () =>
    attempt(async () => {
      if (row.state !== "sent-back") return setText(blankText);
      const { entries } = await desk.read(waitingTranscription, `${path}/transcription`);
      const before = paperOfEntries(entries.map((each) => JSON.parse(each) as Entry));
      setText(before ? textOf(before) : blankText);
    });
  const account = async (reason: string) => {
    if (saying === null) return;
    await desk.change(changedResponse, `${path}/account`, { state: saying.state, reason, expected: row.position });
    onDone(`${row.number}: ${saying.label.toLowerCase()}.`);
  };
  return (
    <section className="stack" aria-label={`Form ${row.number}`}>
      <header className="row">
        <h2 className="grow paper-number">{row.number}</h2>
        <button type="button" className="button quiet" onClick={() => setHistory(true)}>
          History
        </button>
        <button type="button" className="button quiet" onClick={() => onDone()}>
          Put it aside
        </button>
      </header>
      <Facts row={row} />
      <Fault words={fault} />
      {text === null && (
        <div className="row acts">
          {mayTranscribe.has(row.state) && (
            <button type="button" className="button" disabled={busy} onClick={() => void begin()}>
              Transcribe this form
            </button>
          )}
          {mayAccount.has(row.state) &&
            accounts
              .filter(({ state }) => state !== row.state)
              .map((each) => (
                <button key={each.state} type="button" className="button quiet" onClick={() => setSaying(each)}>
                  {each.label}
                </button>
              ))}
        </div>
      )}
      {text !== null && (
        <TranscribeForm
          row={row}
          first={text}
          onDone={() => onDone(`${row.number} is saved, and waits for a second person.`)}
          onCancel={() => setText(null)}
        />
      )}
      {row.state === "waiting" && <CheckForm row={row} onDone={() => onDone(`${row.number} is done.`)} />}
      {saying && (
        <ChangeDialog
          title={`${row.number}: ${saying.label.toLowerCase()}`}
          action="Account for it so"
          reasonLabel="How it is known, and from whom"
          onChange={account}
          onStale={onStale}
          onClose={() => setSaying(null)}
        />
      )}
      {history && (
        <HistoryDialog title={`History of ${row.number}`} path={`${path}/history`} onClose={() => setHistory(false)} />
      )}
    </section>
  );
};

const Facts = ({ row }: { row: FormRow }) => {
  const { state, vehicle, heldBy, since, transcribedBy, transcribedAt, checkedBy, checkedAt, by, reason } = row;
  return (
    <p>
      <strong>{stateWords[state]}</strong>, since {fullTime(since)}.
      {vehicle && ` Its pack went to ${vehicle}, ${heldBy}.`}
      {transcribedBy && transcribedAt && ` Transcribed by ${transcribedBy}, ${fullTime(transcribedAt)}.`}
      {checkedBy && checkedAt && ` Checked by ${checkedBy}, ${fullTime(checkedAt)}.`}
      {by && reason && !transcribedBy && ` ${by}: “${reason}”`}
      {state === "entered" && row.recordId && ` Record ${row.recordId}.`}
    </p>
  );
};
