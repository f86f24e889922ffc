import { useState } from "react";
import { type CopyRequest, copyFor } from "#protocol/control/records.ts";
import { TextField } from "#ui/text-field.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { saveFile } from "../parts/save-file.ts";
import type { Opened } from "./records-page.tsx";

const whom: Record<CopyRequest["for"], string> = {
  person: "The patient, or who acts for them",
  coroner: "A coroner",
  court: "A court, or the police",
};

interface CopyDialogProps {
  opened: Opened;
  withheld: readonly string[];
  /** The copy is a decision about the record: its newest state is another. */
  onMade: () => Promise<void>;
  onClose: () => void;
}

/** A copy leaves the trust. Whoever reads it is told that something is missing, and why. */
export const CopyDialog = ({ opened, withheld, onMade, onClose }: CopyDialogProps) => {
  const desk = useDesk();
  const [recipient, setRecipient] = useState<CopyRequest["for"]>("person");
  const [why, setWhy] = useState("");
  const make = async (reason: string) => {
    const parts = withheld.map((rootId) => ({ rootId, reason: why.trim() }));
    const body: CopyRequest = { for: recipient, withheld: parts, reason };
    const path = `/control/v1/records/${opened.recordId}/copy`;
    saveFile(await desk.fetchFile(path, body, opened.reason), "record-copy.pdf");
    await onMade();
  };
  return (
    <ChangeDialog title="Make a copy" action="Make the copy" onChange={make} onStale={() => {}} onClose={onClose}>
      <fieldset className="roles">
        <legend>For whom</legend>
        {copyFor.map((each) => (
          <label key={each} className="row">
            <input type="radio" name="for" checked={recipient === each} onChange={() => setRecipient(each)} />
            {whom[each]}
          </label>
        ))}
      </fieldset>
      {withheld.length > 0 && (
        <TextField
          label={<>Why {withheld.length === 1 ? "this line is" : `these ${withheld.length} lines are`} withheld</>}
          value={why}
          onChange={setWhy}
          required
          minLength={3}
          maxLength={500}
        >
          <span className="faint">It is printed on the copy.</span>
        </TextField>
      )}
      <p className="faint">ECG recordings are named in the copy and not drawn: send them with it.</p>
    </ChangeDialog>
  );
};
