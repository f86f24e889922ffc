import { type FormEvent, useState } from "react";
import { faultWords, readPaperNumber } from "#domain/paper/number.ts";
import { Fault } from "#ui/fault.tsx";

/** The number as it is typed, or as a scanner types it, with Enter at the end. A wrong digit is told at once, and asks nobody. */
export const NumberField = ({ onNumber, busy }: { onNumber: (number: string) => void; busy: boolean }) => {
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = readPaperNumber(typed);
    setFault("fault" in read ? faultWords[read.fault] : null);
    if ("fault" in read) return;
    setTyped("");
    onNumber(read.text);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="row ask-fields">
        <label className="field grow">
          Number on the form: scan it or type it
          <input
            className="paper-number"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            maxLength={40}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={fault !== null}
          />
        </label>
        <button type="submit" className="button big" disabled={busy}>
          Take this form
        </button>
      </div>
      <Fault words={fault} />
    </form>
  );
};
