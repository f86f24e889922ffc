import { useState } from "react";
import { type ContactRow, type HarmReviewed, harmOutcomes } from "#protocol/control/outages.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { missingInWords, outcomeWords } from "./words.ts";

interface ContactDialogProps {
  outageId: string;
  row: ContactRow;
  onDone: () => void;
  onClose: () => void;
}

/** What somebody made of one contact. */
export const ContactDialog = ({ outageId, row, onDone, onClose }: ContactDialogProps) => {
  const desk = useDesk();
  const [outcome, setOutcome] = useState<HarmReviewed["outcome"]>(row.outcome ?? "no-harm");
  const change = async (words: string) => {
    const body: HarmReviewed = { outcome, words, expected: row.position };
    await desk.change(changedResponse, `/control/v1/outages/${outageId}/contacts/${row.contactId}`, body);
    onDone();
  };
  return (
    <ChangeDialog
      title="What this contact went without"
      action="Save the review"
      reasonLabel="What you found"
      onChange={change}
      onStale={onDone}
      onClose={onClose}
    >
      <p>
        <code className="id">{row.contactId}</code>
      </p>
      <p>{row.missing.length === 0 ? "Nothing was missing." : row.missing.map(missingInWords).join(" · ")}</p>
      <fieldset className="roles">
        <legend>Outcome</legend>
        {harmOutcomes.map((each) => (
          <label key={each} className="row">
            <input type="radio" name="outcome" checked={outcome === each} onChange={() => setOutcome(each)} />
            {outcomeWords[each]}
          </label>
        ))}
      </fieldset>
    </ChangeDialog>
  );
};
