import { useEffect, useRef, useState } from "react";

const pinDigitsMax = 12;
const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

interface PinPadProps {
  who: string;
  say: string | null;
  busy: boolean;
  onPin: (pin: string) => void;
}

/** A PIN by large keys or the keyboard. The digits are never shown, their number is. */
export const PinPad = ({ who, say, busy, onPin }: PinPadProps) => {
  const [pin, setPin] = useState("");
  const pad = useRef<HTMLElement>(null);
  // The keyboard goes on from here, so that Enter unlocks and does not press the person's tile again.
  useEffect(() => pad.current?.focus(), [who]);
  const type = (digit: string) => setPin((before) => (before.length < pinDigitsMax ? before + digit : before));
  const submit = () => {
    if (pin === "" || busy) return;
    onPin(pin);
    setPin("");
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^\d$/.test(event.key)) type(event.key);
      else if (event.key === "Backspace") setPin((before) => before.slice(0, -1));
      else if (event.key === "Enter" && pin !== "" && !isKeyOf(pad.current, event.target)) {
        event.preventDefault();
        submit();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
  return (
    <section ref={pad} tabIndex={-1} className="pin-pad" aria-label={`PIN of ${who}`}>
      <h2>PIN of {who}</h2>
      <div className="dots" role="status" aria-label={`${pin.length} digits typed`}>
        {Array.from({ length: Math.max(4, pin.length) }, (_, place) => (
          <span key={place} data-on={place < pin.length} />
        ))}
      </div>
      <p className="say" role="alert">
        {say}
      </p>
      <div className="keypad">
        {keys.map((key) => (
          <button key={key} type="button" className="btn" onClick={() => type(key)}>
            {key}
          </button>
        ))}
        <button type="button" className="btn k" aria-label="Delete last digit" onClick={() => setPin(pin.slice(0, -1))}>
          ⌫
        </button>
        <button type="button" className="btn" onClick={() => type("0")}>
          0
        </button>
        <button type="button" className="btn primary" disabled={busy || pin === ""} onClick={submit}>
          Unlock
        </button>
      </div>
    </section>
  );
};

/** Enter on one of the pad's own keys presses that key. */
const isKeyOf = (pad: HTMLElement | null, target: EventTarget | null): boolean =>
  target instanceof HTMLButtonElement && pad !== null && pad.contains(target);
