import { useState } from "react";
import { changedResponse } from "#protocol/control/page.ts";
import { type DeskRecord, type RecordMarks, restrictions } from "#protocol/control/records.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import type { Opened } from "./records-page.tsx";

type Restriction = NonNullable<DeskRecord["restricted"]>;
export const restrictionWords: Record<Restriction, string> = {
  staff: "of the trust's own staff",
  vip: "in the public eye",
};

interface MarksDialogProps {
  opened: Opened;
  onChanged: () => Promise<void>;
  onClose: () => void;
}

export const MarksDialog = ({ opened, onChanged, onClose }: MarksDialogProps) => {
  const desk = useDesk();
  // The state that was decided on, though a newer one comes: on that one nobody has decided.
  const [{ record, recordId, reason: request }] = useState(opened);
  const [restricted, setRestricted] = useState<Restriction | "none">(record.restricted ?? "none");
  const [hold, setHold] = useState(record.hold);
  const change = async (reason: string) => {
    const marks = restricted === "none" ? { hold } : { hold, restricted };
    const body: RecordMarks = { ...marks, reason, expected: record.position };
    await desk.change(changedResponse, `/control/v1/records/${recordId}/marks`, body, request);
    await onChanged();
  };
  return (
    <ChangeDialog
      title="Restriction and legal hold"
      action="Save the marks"
      onChange={change}
      onStale={onChanged}
      onClose={onClose}
    >
      <fieldset className="roles">
        <legend>Restricted: all but the crew and the receiving site are asked why</legend>
        {(["none", ...restrictions] as const).map((each) => (
          <label key={each} className="row">
            <input type="radio" name="restricted" checked={restricted === each} onChange={() => setRestricted(each)} />
            {each === "none" ? "Not restricted" : `A patient ${restrictionWords[each]}`}
          </label>
        ))}
      </fieldset>
      <label className="row">
        <input type="checkbox" checked={hold} onChange={(event) => setHold(event.target.checked)} />
        Legal hold: nothing of this record may end
      </label>
    </ChangeDialog>
  );
};
