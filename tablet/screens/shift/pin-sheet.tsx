import { type FormEvent, useState } from "react";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { PinFields, pinReady } from "#ui/pin-fields.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useClient } from "../../shell/client-context.tsx";
import { TextField } from "../../shell/text-field.tsx";

/** Somebody who has no PIN yet, or forgot it, and a code of the desk. Needs the base. */
export const PinSheet = ({ onClose }: { onClose: () => void }) => {
  const client = useClient();
  const [code, setCode] = useState("");
  const [pins, setPins] = useState({ pin: "", again: "" });
  const [done, setDone] = useState<string | null>(null);
  const { busy, fault, attempt } = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const { name, isHere } = await client.setPin({ code: code.trim(), ...pins });
      setDone(
        isHere
          ? `${name}'s PIN is set. It works on this tablet now.`
          : `${name}'s PIN is set. It works on this tablet once a crewmate has unlocked it in reach of the base.`,
      );
    });
  };
  return (
    <Dialog title="A PIN of your own" onClose={onClose} wide>
      {done === null ? (
        <form className="sheet" onSubmit={submit}>
          <TextField label="Code from the desk" value={code} onChange={setCode} maxLength={64} autoFocus />
          <PinFields pins={pins} onChange={setPins} />
          <Fault words={fault} />
          <div className="actions">
            <button type="submit" className="btn primary big" disabled={busy || code.trim() === "" || !pinReady(pins)}>
              Set the PIN
            </button>
          </div>
        </form>
      ) : (
        <div className="sheet">
          <p role="status">{done}</p>
          <div className="actions">
            <button type="button" className="btn primary big" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
};
