import { type Field, type NotDoneReason, notDoneWords } from "./fields.ts";
import type { ObsPad, ObsPadEvent } from "./obs-pad-state.ts";

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

interface ObsKeypadProps {
  pad: ObsPad;
  send: (event: ObsPadEvent) => void;
  active: Field;
  next: Field;
}

/** Large digits; or, once asked, the reasons why something was not done. */
export const ObsKeypad = ({ pad, send, active, next }: ObsKeypadProps) => {
  if (pad.asking)
    return (
      <section className="keypad" aria-label={`Why was ${active.label} not done?`}>
        <h2 className="wide">{active.label}: not done because</h2>
        {(Object.keys(notDoneWords) as NotDoneReason[]).map((reason) => (
          <button key={reason} type="button" className="btn k wide" onClick={() => send({ type: "not-done", reason })}>
            {notDoneWords[reason]}
          </button>
        ))}
        <button type="button" className="btn k wide" onClick={() => send({ type: "ask-not-done" })}>
          Back to the digits
        </button>
      </section>
    );
  const typing = active.kind === "number";
  return (
    <section className="keypad" aria-label="Keypad">
      {digits.map((digit) => (
        <button
          key={digit}
          type="button"
          className="btn"
          disabled={!typing}
          onClick={() => send({ type: "digit", digit })}
        >
          {digit}
        </button>
      ))}
      <button type="button" className="btn k" onClick={() => send({ type: "ask-not-done" })}>
        <span>
          Not done<small>say why</small>
        </span>
      </button>
      <button type="button" className="btn" disabled={!typing} onClick={() => send({ type: "digit", digit: "0" })}>
        0
      </button>
      <button
        type="button"
        className="btn k"
        aria-label="Delete last digit"
        onClick={() => send({ type: "backspace" })}
      >
        ⌫
      </button>
      <button
        type="button"
        className="btn k"
        aria-label="One less"
        disabled={!typing}
        onClick={() => send({ type: "step", by: -1 })}
      >
        −1
      </button>
      <button
        type="button"
        className="btn k"
        aria-label="One more"
        disabled={!typing}
        onClick={() => send({ type: "step", by: 1 })}
      >
        +1
      </button>
      <button
        type="button"
        className="btn primary"
        aria-label={`Next: ${next.label}`}
        onClick={() => send({ type: "next" })}
      >
        <span>
          Next<small>{next.label.split(" ")[0]}</small>
        </span>
      </button>
    </section>
  );
};
