import { type FormEvent, useState } from "react";

/** The desk's one-time code, for a first passkey. */
export const CodeForm = ({ busy, onCode }: { busy: boolean; onCode: (code: string) => void }) => {
  const [code, setCode] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onCode(code.trim());
  };
  return (
    <form className="stack" onSubmit={submit}>
      <label className="field">
        Code from the desk
        <input
          value={code}
          onChange={(event) => setCode(event.target.value)}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={64}
        />
      </label>
      <button type="submit" className="button" disabled={busy || code.trim().length < 4}>
        Make a passkey and sign in
      </button>
    </form>
  );
};
