import { TextField } from "./text-field.tsx";
import "./components.css";

export interface TypedPins {
  pin: string;
  again: string;
}

/** Four to eight digits, twice the same. Whether others would try it first, the base says. */
export const pinReady = ({ pin, again }: TypedPins): boolean => /^\d{4,8}$/.test(pin) && pin === again;

/** A new PIN, typed twice. */
export const PinFields = ({ pins, onChange }: { pins: TypedPins; onChange: (pins: TypedPins) => void }) => {
  const field = (name: keyof TypedPins, label: string) => (
    <TextField
      label={label}
      type="password"
      inputMode="numeric"
      autoComplete="new-password"
      pattern="[0-9]*"
      maxLength={8}
      value={pins[name]}
      onChange={(typed) => onChange({ ...pins, [name]: typed.replaceAll(/\D/g, "") })}
    />
  );
  const differ = pins.again.length >= pins.pin.length && pins.again !== "" && pins.again !== pins.pin;
  return (
    <>
      <p className="soft">4 to 8 digits. Six or more are harder to find for whoever copies a tablet.</p>
      {field("pin", "New PIN")}
      {field("again", "The same again")}
      <p role="status">{differ ? "These two are not the same." : ""}</p>
    </>
  );
};
