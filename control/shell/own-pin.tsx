import { type FormEvent, useState } from "react";
import { pinMade } from "#protocol/sign-in.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { PinFields, pinReady } from "#ui/pin-fields.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { FactorAgain } from "../sign-in/factor-again.tsx";
import { useFactorAttempt } from "../sign-in/use-factor-attempt.ts";

/** One's own PIN for the trust's tablets, for who has shown both factors just now. */
export const OwnPin = () => {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button type="button" className="button quiet" onClick={() => setIsOpen(true)}>
        Set a PIN
      </button>
      {isOpen && <PinDialog onClose={() => setIsOpen(false)} />}
    </>
  );
};

const PinDialog = ({ onClose }: { onClose: () => void }) => {
  const desk = useDesk();
  const [pins, setPins] = useState({ pin: "", again: "" });
  const [isSet, setIsSet] = useState(false);
  const { busy, fault, asksFactor, attempt } = useFactorAttempt();
  const set = () =>
    attempt(async () => {
      await desk.change(pinMade, "/identity/v1/pin", pins);
      setPins({ pin: "", again: "" });
      setIsSet(true);
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void set();
  };
  return (
    <Dialog title="PIN for tablets" onClose={onClose}>
      {isSet ? (
        <p role="status">Your PIN is set. Each tablet knows it once it has heard the base while it is unlocked.</p>
      ) : (
        <form className="stack" onSubmit={submit}>
          <PinFields pins={pins} onChange={setPins} />
          <Fault words={fault} />
          <button type="submit" className="button big" disabled={busy || !pinReady(pins)}>
            Set the PIN
          </button>
        </form>
      )}
      {asksFactor && <FactorAgain onShown={() => void set()} />}
    </Dialog>
  );
};
