import { type FormEvent, useState } from "react";
import { Dialog } from "#ui/dialog.tsx";
import { useClient } from "../../shell/client-context.tsx";
import { TextField } from "../../shell/text-field.tsx";

/** Somebody who has no PIN yet, or forgot it, and a code of the desk. Needs the base. */
export const PinSheet = ({ onClose }: { onClose: () => void }) => {
  const client = useClient();
  const [code, setCode] = useState("");
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [say, setSay] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const set = async (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() === "") return setSay("Type the code from the desk.");
    if (!/^\d{4,8}$/.test(pin)) return setSay("A PIN has 4 to 8 digits.");
    if (pin !== again) return setSay("The two PINs are not the same.");
    setBusy(true);
    setSay(null);
    try {
      const { name, isHere } = await client.setPin({ code: code.trim(), pin, again });
      setDone(
        isHere
          ? `${name}'s PIN is set. It works on this tablet now.`
          : `${name}'s PIN is set. It works on this tablet once a crewmate has unlocked it in reach of the base.`,
      );
    } catch (failure) {
      setSay(failure instanceof Error ? failure.message : "Not set. Try again.");
    }
    setBusy(false);
  };
  return (
    <Dialog title="A PIN of your own" onClose={onClose} wide>
      {done === null ? (
        <form className="sheet" onSubmit={(event) => void set(event)}>
          <p>With a code from the trust's desk. 4 to 8 digits; six or more are harder to find.</p>
          <TextField label="Code from the desk" value={code} onChange={setCode} maxLength={64} autoFocus />
          <TextField label="New PIN" value={pin} onChange={setPin} maxLength={8} secret />
          <TextField label="The same again" value={again} onChange={setAgain} maxLength={8} secret />
          <p className="flag" role="alert">
            {say}
          </p>
          <div className="actions">
            <button type="submit" className="btn primary big" disabled={busy}>
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
