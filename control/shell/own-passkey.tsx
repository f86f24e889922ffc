import { useState } from "react";
import { addPasskey } from "#client/sign-in.ts";
import { Dialog } from "#ui/dialog.tsx";
import { wordsOf } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { FactorAgain } from "../sign-in/factor-again.tsx";
import { orThrow } from "../sign-in/ways-in.ts";

/** A passkey of one's own: the way in on the day that the provider does not answer. */
export const OwnPasskey = () => {
  const desk = useDesk();
  const [isOpen, setIsOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const tell = (words: string, failed: boolean) => {
    setSaid(words);
    setHasFailed(failed);
  };
  const add = () =>
    orThrow(addPasskey([desk.signInPlace()], "Desk", undefined)).then(
      () => tell("The passkey is yours. Next time it signs you in.", false),
      (failure: unknown) => tell(wordsOf(failure), true),
    );
  return (
    <>
      <button
        type="button"
        className="button quiet"
        onClick={() => {
          setSaid(null);
          setHasFailed(false);
          setIsOpen(true);
        }}
      >
        Add a passkey
      </button>
      {isOpen && (
        <Dialog title="Add a passkey" onClose={() => setIsOpen(false)}>
          <div className="stack">
            <p>It signs you in with both factors, also while the trust's provider does not answer.</p>
            {said !== null && <p role="status">{said}</p>}
            <button type="button" className="button big" data-first onClick={add}>
              Make it on this device
            </button>
            {hasFailed && <FactorAgain onShown={() => void add()} />}
          </div>
        </Dialog>
      )}
    </>
  );
};
