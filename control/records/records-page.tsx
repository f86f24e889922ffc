import { type FormEvent, useState } from "react";
import { type DeskRecord, deskRecord } from "#protocol/control/records.ts";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { LateEntries } from "./late-entries.tsx";
import { RecordView } from "./record-view.tsx";

/** A record that the records office has opened, and why. */
export interface Opened {
  recordId: string;
  reason: string;
  record: DeskRecord;
}

/** One record at a time, for a reason that stays in the access log. */
export const RecordsPage = () => {
  const desk = useDesk();
  const [recordId, setRecordId] = useState("");
  const [reason, setReason] = useState("");
  const [opened, setOpened] = useState<Opened | null>(null);
  const { busy, fault, attempt } = useAttempt();

  const open = (of: Pick<Opened, "recordId" | "reason">) =>
    attempt(async () => {
      const record = await desk
        .read(deskRecord, `/control/v1/records/${of.recordId}`, {}, of.reason)
        .catch((failure) => {
          setOpened(null);
          throw failure;
        });
      setOpened({ ...of, record });
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void open({ recordId: recordId.trim().toLowerCase(), reason: reason.trim() });
  };
  return (
    <>
      <h1>Records office</h1>
      <form className="row ask-fields" onSubmit={submit}>
        <TextField
          label="Record id"
          place="grow"
          value={recordId}
          onChange={setRecordId}
          required
          minLength={36}
          maxLength={36}
          spellCheck={false}
        />
        <TextField
          label="Which request it is for"
          place="grow"
          value={reason}
          onChange={setReason}
          required
          minLength={3}
          maxLength={300}
        />
        <button type="submit" className="button" disabled={busy}>
          Open the record
        </button>
      </form>
      <Fault words={fault} />
      {!opened && <LateEntries onChoose={setRecordId} />}
      {opened && <RecordView key={opened.recordId} opened={opened} onChanged={() => open(opened)} />}
    </>
  );
};
