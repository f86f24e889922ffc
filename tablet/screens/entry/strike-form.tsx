import type { RecordLine } from "#domain/record.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { TextField } from "../../shell/text-field.tsx";

const usual = ["Entered on the wrong patient", "Did not happen", "Written twice", "Wrong value"] as const;

/** A strike keeps every version of the line readable, with who, when and why; so it needs a why. */
export const StrikeForm = ({ line, onDone }: { line: RecordLine; onDone: () => void }) => {
  const { strike } = useSession();
  const [reason, setReason] = useKept(`strike ${line.entry.id}`, "");
  const go = async () => {
    // What the store did not take is named over every screen: pressed again here, it would be written twice.
    await strike(line, reason.trim());
    onDone();
  };
  return (
    <div className="sheet">
      <fieldset className="chips">
        <legend>Why is it struck? The text stays readable.</legend>
        {usual.map((words) => (
          <button
            key={words}
            type="button"
            className="btn"
            aria-pressed={reason === words}
            onClick={() => setReason(words)}
          >
            {words}
          </button>
        ))}
      </fieldset>
      <TextField label="Reason" value={reason} onChange={setReason} maxLength={2000} />
      <div className="actions">
        <button type="button" className="btn danger big" disabled={reason.trim() === ""} onClick={() => void go()}>
          Strike entry
        </button>
      </div>
    </div>
  );
};
