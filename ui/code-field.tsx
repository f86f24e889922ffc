import { TextField } from "./text-field.tsx";
import "./components.css";

interface CodeFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Where a code is typed that somebody was given on paper or by word of mouth. */
export const CodeField = ({ label, value, onChange }: CodeFieldProps) => (
  <TextField
    label={label}
    value={value}
    onChange={onChange}
    autoCapitalize="characters"
    spellCheck={false}
    maxLength={64}
  />
);
