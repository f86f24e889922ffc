import { type FormEvent, useState } from "react";
import { CodeField } from "#ui/code-field.tsx";
import { Fault } from "#ui/fault.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import type { TrustEndpoint } from "../desk/endpoints.ts";

/** A browser that is no device of a trust yet. Its code comes from another desk, or was printed when the trust began. */
export const SetUpScreen = ({ trusts }: { trusts: readonly TrustEndpoint[] }) => {
  const desk = useDesk();
  const [trust, setTrust] = useState(trusts[0]?.trust ?? "");
  const [code, setCode] = useState("");
  const { busy, fault, attempt } = useAttempt();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const chosen = trusts.find((each) => each.trust === trust);
    if (chosen) void attempt(() => desk.enrol(chosen.control, code.trim()));
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
        <CodeField label="Desk code" value={code} onChange={setCode} />
        <Fault words={fault} />
        <button type="submit" className="button big" disabled={busy || code.trim() === ""}>
          {busy ? "Setting up…" : "Set up this desk"}
        </button>
        <p className="faint">Demonstration: the code is DEMO-DESK-1.</p>
      </form>
    </main>
  );
};
