import { type FormEvent, useState } from "react";
import { CodeField } from "#ui/code-field.tsx";

interface CodeFormProps {
  /** What the code lets do. */
  action: string;
  busy: boolean;
  onCode: (code: string) => void;
}

/** The desk's one-time code, for a first passkey or a first sign-in with the provider. */
export const CodeForm = ({ action, busy, onCode }: CodeFormProps) => {
  const [code, setCode] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onCode(code.trim());
  };
  return (
    <form className="stack" onSubmit={submit}>
      <CodeField label="Code from the desk" value={code} onChange={setCode} />
      <button type="submit" className="button" disabled={busy || code.trim().length < 4}>
        {action}
      </button>
    </form>
  );
};
