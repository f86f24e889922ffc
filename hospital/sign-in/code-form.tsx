import { type FormEvent, useState } from "react";
import { CodeField } from "#ui/code-field.tsx";

/** The desk's one-time code, for a first passkey. */
export const CodeForm = ({ busy, onCode }: { busy: boolean; onCode: (code: string) => void }) => {
  const [code, setCode] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onCode(code.trim());
  };
  return (
    <form className="stack" onSubmit={submit}>
      <CodeField label="Code from the desk" value={code} onChange={setCode} />
      <button type="submit" className="button" disabled={busy || code.trim().length < 4}>
        Make a passkey and sign in
      </button>
    </form>
  );
};
