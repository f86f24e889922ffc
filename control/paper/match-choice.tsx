import type { MatchedRecord } from "#protocol/control/paper.ts";
import { fullTime } from "../parts/words.ts";
import { whyWords } from "./words.ts";

/** `own`: a record of the form's own. Else the id of the record that it goes on with; null until somebody has chosen. */
export type MatchAnswer = string | null;

interface MatchChoiceProps {
  records: readonly MatchedRecord[];
  value: MatchAnswer;
  onChange: (value: MatchAnswer) => void;
}

/** It comes below a long form. */
const show = (choice: HTMLElement | null): void => choice?.scrollIntoView({ block: "nearest" });

/** Records that may be of the same contact, with what stands in them. The person decides; nothing is chosen beforehand. */
export const MatchChoice = ({ records, value, onChange }: MatchChoiceProps) => (
  <fieldset className="stack paper-match" ref={show}>
    <legend>
      {records.length === 1 ? "A record was made meanwhile" : `${records.length} records were made meanwhile`}. Is it
      the same patient and the same call?
    </legend>
    {records.map(({ recordId, why, at, callSign, cadNumber, patient, lines }) => (
      <div key={recordId} className="stack">
        <label className="row">
          <input type="radio" name="match" checked={value === recordId} onChange={() => onChange(recordId)} />
          <span>
            Yes: goes on with the record of <strong>{patient ?? "a restricted patient"}</strong>, {fullTime(at)}
            {callSign && `, ${callSign}`}
            {cadNumber && `, ${cadNumber}`} ({why.map((each) => whyWords[each]).join(", ")})
          </span>
        </label>
        {lines.length > 0 && (
          <details>
            <summary>What stands in it already: leave out of the form what is told there</summary>
            <ul>
              {lines.map(({ at: when, text }) => (
                <li key={`${when}${text}`}>{text}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    ))}
    <label className="row">
      <input type="radio" name="match" checked={value === "own"} onChange={() => onChange("own")} />
      No: the form is a record of its own
    </label>
  </fieldset>
);
