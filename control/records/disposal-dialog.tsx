import { useState } from "react";
import { changedResponse } from "#protocol/control/page.ts";
import type { DisposalProposal } from "#protocol/control/records.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { day } from "../parts/words.ts";
import type { Opened } from "./records-page.tsx";

interface DisposalDialogProps {
  opened: Opened;
  onChanged: () => Promise<void>;
  onClose: () => void;
}

/** Proposes that the record end; somebody else decides. */
export const DisposalDialog = ({ opened, onChanged, onClose }: DisposalDialogProps) => {
  const desk = useDesk();
  // The state that was decided on, though a newer one comes.
  const [{ record, recordId, reason: request }] = useState(opened);
  const early = record.keepUntil > new Date().toISOString().slice(0, 10);
  const propose = async (reason: string) => {
    const body: DisposalProposal = { early, reason, expected: record.position };
    await desk.change(changedResponse, `/control/v1/records/${recordId}/disposal`, body, request);
    await onChanged();
  };
  return (
    <ChangeDialog
      title="Propose disposal"
      action={early ? "Propose it before the term" : "Propose it"}
      onChange={propose}
      onStale={onChanged}
      onClose={onClose}
    >
      <p>
        When a second person agrees, this record's key is destroyed and nobody reads it again. Its place in the log, and
        who has seen it, stay.
      </p>
      {early && (
        <p className="warned">
          ▲ It is to be kept until {day(record.keepUntil)}. Say why it must end before: the second person reads it.
        </p>
      )}
    </ChangeDialog>
  );
};
