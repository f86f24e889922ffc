import { type FormEvent, useState } from "react";
import { pinMade } from "#protocol/sign-in.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { PinFields, pinReady } from "#ui/pin-fields.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { DeskFailure } from "../desk/desk-failure.ts";
import { WaysPanel } from "../sign-in/ways-panel.tsx";

/** One's own PIN for the trust's tablets, for who has shown both factors just now. */
export const OwnPin = () => {
  const desk = useDesk();
  const [isOpen, setIsOpen] = useState(false);
  const [pins, setPins] = useState({ pin: "", again: "" });
  const [asksFactor, setAsksFactor] = useState(false);
  const [isSet, setIsSet] = useState(false);
  const { busy, fault, attempt } = useAttempt();
  const open = () => {
    setPins({ pin: "", again: "" });
    setAsksFactor(false);
    setIsSet(false);
    setIsOpen(true);
  };
  const set = () =>
    attempt(async () => {
      setAsksFactor(false);
      try {
        await desk.change(pinMade, "/identity/v1/pin", pins);
      } catch (failure) {
        setAsksFactor(failure instanceof DeskFailure && failure.code === "step-up-needed");
        throw failure;
      }
      setPins({ pin: "", again: "" });
      setIsSet(true);
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void set();
  };
  return (
    <>
      <button type="button" className="button quiet" onClick={open}>
        Set a PIN
      </button>
      {isOpen && (
        <Dialog title="PIN for tablets" onClose={() => setIsOpen(false)}>
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
          {asksFactor && (
            <section className="stack" aria-label="Your second factor once more">
              <WaysPanel onSignedIn={() => void set()} />
            </section>
          )}
        </Dialog>
      )}
    </>
  );
};
