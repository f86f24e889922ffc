import { type FormEvent, useState } from "react";
import { useDesk } from "../desk/desk-context.ts";
import type { TrustEndpoint } from "../desk/endpoints.ts";
import { wordsOf } from "../parts/words.ts";

/** A browser that is no device of a trust yet. Its code comes from another desk, or was printed when the trust began. */
export const SetUpScreen = ({ trusts }: { trusts: readonly TrustEndpoint[] }) => {
  const desk = useDesk();
  const [trust, setTrust] = useState(trusts[0]?.trust ?? "");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const chosen = trusts.find((each) => each.trust === trust);
    if (!chosen) return;
    setBusy(true);
    try {
      await desk.enrol(chosen.control, code.trim());
    } catch (failure) {
      setFault(wordsOf(failure));
      setBusy(false);
    }
  };
  return (
    <main className="centre">
      <form className="card enrol stack" onSubmit={submit}>
        <h1>Set up this desk</h1>
        <label className="field">
          Trust
          <select value={trust} onChange={(event) => setTrust(event.target.value)}>
            {trusts.map((each) => (
              <option key={each.trust} value={each.trust}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          Desk code
          <input
            value={code}
            onChange={(event) => setCode(event.target.value)}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={64}
          />
        </label>
        {fault !== null && (
          <p className="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" className="button big" disabled={busy || code.trim() === ""}>
          {busy ? "Setting up…" : "Set up this desk"}
        </button>
        <p className="faint">Demonstration: the code is DEMO-DESK-1.</p>
      </form>
    </main>
  );
};
