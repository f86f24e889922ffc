import { type FormEvent, useState } from "react";
import { type DeskRecord, deskRecord } from "#protocol/control/records.ts";
import { useDesk } from "../desk/desk-context.ts";
import { wordsOf } from "../parts/words.ts";
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
  const [fault, setFault] = useState<string | null>(null);

  const open = async (of: Pick<Opened, "recordId" | "reason">) => {
    try {
      const record = await desk.read(deskRecord, `/control/v1/records/${of.recordId}`, {}, of.reason);
      setOpened({ ...of, record });
      setFault(null);
    } catch (failure) {
      setOpened(null);
      setFault(wordsOf(failure));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void open({ recordId: recordId.trim().toLowerCase(), reason: reason.trim() });
  };
  return (
    <>
      <h1>Records office</h1>
      <form className="row ask-fields" onSubmit={submit}>
        <label className="field grow">
          Record id
          <input
            value={recordId}
            onChange={(event) => setRecordId(event.target.value)}
            required
            minLength={36}
            maxLength={36}
            autoComplete="off"
            spellCheck={false}
          />
        </label>
        <label className="field grow">
          Which request it is for
          <input
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            required
            minLength={3}
            maxLength={300}
            autoComplete="off"
          />
        </label>
        <button type="submit" className="button">
          Open the record
        </button>
      </form>
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {opened && <RecordView key={opened.recordId} opened={opened} onChanged={() => void open(opened)} />}
    </>
  );
};
