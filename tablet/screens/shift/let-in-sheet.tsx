import { type FormEvent, useState } from "react";
import { Dialog } from "#ui/dialog.tsx";
import { useClient } from "../../shell/client-context.tsx";
import { TextField } from "../../shell/text-field.tsx";

/** The last way in: every PIN is shut or forgotten, and a code of the desk lets the roster in again. Needs the base. */
export const LetInSheet = ({ onClose }: { onClose: () => void }) => {
  const client = useClient();
  const [code, setCode] = useState("");
  const [say, setSay] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const letIn = async (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() === "") return setSay("Type the device code.");
    setBusy(true);
    setSay(null);
    try {
      await client.letInAgain(code.trim());
      onClose();
    } catch (failure) {
      setSay(failure instanceof Error ? failure.message : "Not let in. Try again.");
      setBusy(false);
    }
  };
  return (
    <Dialog title="Nobody can unlock this tablet" onClose={onClose} wide>
      <form className="sheet" onSubmit={(event) => void letIn(event)}>
        <p>
          Ask the trust's desk for a device code. With it everybody on the roster can sign in here again. What this
          tablet holds is then forgotten on it, so all of it must have been sent first.
        </p>
        <TextField label="Device code" value={code} onChange={setCode} maxLength={64} autoFocus />
        <p className="flag" role="alert">
          {say}
        </p>
        <div className="actions">
          <button type="submit" className="btn primary big" disabled={busy}>
            Let us in again
          </button>
        </div>
      </form>
    </Dialog>
  );
};
