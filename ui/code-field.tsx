import "./components.css";

interface CodeFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Where a code is typed that somebody was given on paper or by word of mouth. */
export const CodeField = ({ label, value, onChange }: CodeFieldProps) => (
  <label className="field">
    {label}
    <input
      value={value}
      onChange={(event) => onChange(event.target.value)}
      autoComplete="off"
      autoCapitalize="characters"
      spellCheck={false}
      maxLength={64}
    />
  </label>
);
