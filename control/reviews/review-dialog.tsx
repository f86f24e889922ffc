import { useState } from "react";
import { changedResponse } from "#protocol/control/page.ts";
import { type ReviewDone, type ReviewRow, reviewOutcomes } from "#protocol/control/reviews.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { fullTime } from "../parts/words.ts";

type Outcome = ReviewDone["outcome"];
export const outcomeWords: Record<Outcome, string> = {
  proper: "It was right",
  "follow-up": "Somebody speaks with the person",
  misuse: "It was not theirs to do",
};

interface ReviewDialogProps {
  row: ReviewRow;
  onDone: () => void;
  onClose: () => void;
}

export const ReviewDialog = ({ row, onDone, onClose }: ReviewDialogProps) => {
  const desk = useDesk();
  const [outcome, setOutcome] = useState<Outcome>(row.outcome ?? "proper");
  const change = async (words: string) => {
    const body: ReviewDone = { outcome, words, expected: row.position };
    await desk.change(changedResponse, `/control/v1/reviews/${row.reviewId}`, body);
    onDone();
  };
  return (
    <ChangeDialog
      title={row.for === undefined ? `What ${row.person} opened` : `The code that ${row.person} gave to ${row.for}`}
      action="Save the review"
      reasonLabel="What you found"
      onChange={change}
      onStale={onDone}
      onClose={onClose}
    >
      <p>
        {fullTime(row.openedAt)}. The reason given: “{row.reason}”
      </p>
      <fieldset className="roles">
        <legend>Outcome</legend>
        {reviewOutcomes.map((each) => (
          <label key={each} className="row">
            <input type="radio" name="outcome" checked={outcome === each} onChange={() => setOutcome(each)} />
            {outcomeWords[each]}
          </label>
        ))}
      </fieldset>
    </ChangeDialog>
  );
};
