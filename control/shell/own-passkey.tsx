import { useState } from "react";
import { addPasskey } from "#client/sign-in.ts";
import { Dialog } from "#ui/dialog.tsx";
import { wordsOf } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { orThrow } from "../sign-in/ways-in.ts";

/** A passkey of one's own: the way in on the day that the provider does not answer. */
export const OwnPasskey = () => {
  const desk = useDesk();
  const [isOpen, setIsOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const add = () =>
    orThrow(addPasskey([desk.signInPlace()], "Desk", undefined)).then(
      () => setSaid("The passkey is yours. Next time it signs you in."),
      (failure: unknown) => setSaid(wordsOf(failure)),
    );
  return (
    <>
      <button
        type="button"
        className="button quiet"
        onClick={() => {
          setSaid(null);
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
          </div>
        </Dialog>
      )}
    </>
  );
};
