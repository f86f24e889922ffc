import { type FormEvent, useEffect, useRef, useState } from "react";
import { faultWords, readPaperNumber } from "#domain/paper/number.ts";
import { Fault } from "#ui/fault.tsx";
import { ScanDialog } from "./scan-dialog.tsx";

/**
 * The number as it is typed, as a scanner types it, with Enter at the end, or as the camera reads it, to be taken with Enter. A
 * wrong digit is told at once, and asks nobody.
 */
export const NumberField = ({ onNumber, busy }: { onNumber: (number: string) => void; busy: boolean }) => {
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [isScanning, setIsScanning] = useState(false);
  const [scans, setScans] = useState(0);
  const take = useRef<HTMLButtonElement>(null);
  // After the dialog, which gives the focus back to where it was opened.
  useEffect(() => {
    if (scans > 0) take.current?.focus();
  }, [scans]);
  const fillIn = (number: string) => {
    setTyped(number);
    setFault(null);
    setIsScanning(false);
    setScans((before) => before + 1);
  };
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
        <button type="submit" ref={take} className="button big" disabled={busy}>
          Take this form
        </button>
        <button type="button" className="button quiet big" onClick={() => setIsScanning(true)}>
          Scan the form's code
        </button>
      </div>
      <Fault words={fault} />
      {isScanning && <ScanDialog onNumber={fillIn} onClose={() => setIsScanning(false)} />}
    </form>
  );
};
