import { TextField } from "#ui/text-field.tsx";

interface BoxProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  required?: boolean;
  wide?: boolean;
  maxLength?: number;
}

/** One box of the form, under the words that are printed over it. */
export const Box = ({ wide = false, maxLength = 200, ...box }: BoxProps) => (
  <TextField {...box} {...(wide && { place: "wide" })} maxLength={maxLength} spellCheck={false} />
);

/** A time as it stands on paper; typed without a picker, because a stack of forms is typed by keyboard. */
export const TimeBox = ({ label, value, onChange }: Pick<BoxProps, "label" | "value" | "onChange">) => (
  <TextField
    label={label}
    value={value}
    inputMode="numeric"
    placeholder="14:05"
    maxLength={5}
    onChange={(typed) => onChange(withColon(typed))}
  />
);

/** A date as it stands on paper, day first whatever country the browser is set to. */
export const DateBox = ({ label, value, onChange }: Pick<BoxProps, "label" | "value" | "onChange">) => (
  <TextField
    label={label}
    value={value}
    inputMode="numeric"
    placeholder="day/month/year"
    maxLength={10}
    onChange={(typed) => onChange(withSlashes(typed))}
  />
);

const withSlashes = (typed: string): string => typed.replace(/^(\d{2})(\d{2})(\d{4})$/, "$1/$2/$3");
const withColon = (typed: string): string => typed.replace(/^(\d{2})(\d{2})$/, "$1:$2");

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Value → words. Blank, the paper says nothing, always comes first. */
  options: Readonly<Record<string, string>>;
}

export const Choice = ({ label, value, onChange, options }: ChoiceProps) => (
  <label className="field">
    {label}
    <select value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">Blank</option>
      {Object.entries(options).map(([key, words]) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
    </select>
  </label>
);

export const Words = ({ label, value, onChange, rows = 2 }: BoxProps & { rows?: number }) => (
  <label className="field wide">
    {label}
    <textarea value={value} rows={rows} maxLength={5_000} onChange={(event) => onChange(event.target.value)} />
  </label>
);
