import { type FormEvent, type ReactNode, useState } from "react";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { DeskFailure } from "../desk/desk-failure.ts";
import { FactorAgain } from "../sign-in/factor-again.tsx";
import { useFactorAttempt } from "../sign-in/use-factor-attempt.ts";

interface ChangeDialogProps {
  title: string;
  /** What the button says it does: `Mark as stolen`. */
  action: string;
  children?: ReactNode;
  reasonLabel?: string;
  /** Why it is done goes into the control log with who did it. */
  onChange: (reason: string) => Promise<void>;
  /** Somebody else changed it first: the newer state has to be fetched. */
  onStale: () => void;
  onClose: () => void;
  /** The change has something to show, and whoever asked for it shows it. */
  staysOpen?: boolean;
}

/** One change, with its reason. Every change at the desk goes through here. */
export const ChangeDialog = ({
  title,
  action,
  children,
  reasonLabel = "Reason",
  onChange,
  onStale,
  onClose,
  staysOpen = false,
}: ChangeDialogProps) => {
  const [reason, setReason] = useState("");
  const { busy, fault, asksFactor, attempt } = useFactorAttempt();
  const change = () =>
    attempt(async () => {
      try {
        await onChange(reason.trim());
      } catch (failure) {
        if (failure instanceof DeskFailure && failure.code === "changed-meanwhile") onStale();
        throw failure;
      }
      if (!staysOpen) onClose();
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void change();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        {children}
        <label className="field">
          {reasonLabel}
          <textarea
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            required
            minLength={3}
            maxLength={500}
            rows={2}
          />
        </label>
        <p className="faint">Your name, the time and these words are kept for good. Name no patient.</p>
        <Fault words={fault} />
        <button type="submit" className="button big" disabled={busy || reason.trim().length < 3}>
          {action}
        </button>
      </form>
      {asksFactor && (
        <FactorAgain onShown={() => void change()}>
          <p>With the passkey you stay here. The provider takes you away from this page, and you fill it in again.</p>
        </FactorAgain>
      )}
    </Dialog>
  );
};
