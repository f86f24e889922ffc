import { type ReactNode, useId } from "react";

interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  hint?: ReactNode;
  inputMode?: "text" | "numeric" | "decimal";
  autoFocus?: boolean;
  maxLength?: number;
}

/** A labelled box to type in, one line or several. */
export const TextField = ({ label, value, onChange, rows, hint, autoFocus, ...rest }: TextFieldProps) => {
  const id = useId();
  const hintId = `${id}-hint`;
  const shared = {
    id,
    value,
    autoComplete: "off",
    "aria-describedby": hint === undefined ? undefined : hintId,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
    autoFocus,
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {rows === undefined ? (
        <input {...shared} {...rest} />
      ) : (
        <textarea {...shared} rows={rows} maxLength={rest.maxLength} />
      )}
      {hint === undefined ? null : (
        <div className="hint" id={hintId}>
          {hint}
        </div>
      )}
    </div>
  );
};
