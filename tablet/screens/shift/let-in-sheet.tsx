import { type FormEvent, useState } from "react";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useClient } from "../../shell/client-context.tsx";
import { TextField } from "../../shell/text-field.tsx";

/** The last way in: every PIN is shut or forgotten, and a code of the desk lets the roster in again. Needs the base. */
export const LetInSheet = ({ onClose }: { onClose: () => void }) => {
  const client = useClient();
  const [code, setCode] = useState("");
  const { busy, fault, attempt } = useAttempt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      await client.letInAgain(code.trim());
      onClose();
    });
  };
  return (
    <Dialog title="Nobody can unlock this tablet" onClose={onClose} wide>
      <form className="sheet" onSubmit={submit}>
        <p>
          Ask the trust's desk for a device code. With it everybody on the roster can sign in here again. What this
          tablet holds is then forgotten on it, so all of it must have been sent first.
        </p>
        <TextField label="Device code" value={code} onChange={setCode} maxLength={64} autoFocus />
        <Fault words={fault} />
        <div className="actions">
          <button type="submit" className="btn primary big" disabled={busy || code.trim() === ""}>
            Let us in again
          </button>
        </div>
      </form>
    </Dialog>
  );
};
