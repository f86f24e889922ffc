import { type FormEvent, useEffect, useState } from "react";
import { Chips } from "../../shell/chips.tsx";
import { useClient } from "../../shell/client-context.tsx";
import { TextField } from "../../shell/text-field.tsx";
import { fetchEndpoints, type TrustEndpoint } from "./endpoints.ts";

/** Names under `.localhost` are a demonstration's: there the printed code may be hinted. */
const isDemonstration = () => location.hostname.endsWith("localhost");

/** Once in a tablet's life: which trust it belongs to, and the code that the trust's desk gave for it. */
export const EnrolScreen = () => {
  const client = useClient();
  const [trusts, setTrusts] = useState<TrustEndpoint[] | null>(null);
  const [trust, setTrust] = useState<string>();
  const [code, setCode] = useState("");
  const [say, setSay] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const chosen = trusts?.find((one) => one.trust === trust);

  useEffect(() => {
    fetchEndpoints().then(setTrusts, () =>
      setSay("The list of trusts could not be read. Check the network, then try again."),
    );
  }, [attempt]);

  const enrol = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen === undefined) return setSay("Choose the trust first.");
    if (code.trim() === "") return setSay("Type the device code.");
    setBusy(true);
    setSay(null);
    try {
      await client.enrol(chosen.crew, code.trim());
    } catch (failure) {
      setSay(failure instanceof Error ? failure.message : "Not enrolled. Try again.");
      setBusy(false);
    }
  };

  return (
    <form className="screen" onSubmit={(event) => void enrol(event)}>
      <header className="bar-top">
        <h1>Set up this tablet</h1>
        <span className="small">Once. Afterwards it works without a network.</span>
      </header>
      <main className="two">
        <section className="card pad-in stack">
          {trusts === null ? (
            <p>Reading the list of trusts …</p>
          ) : (
            <Chips
              legend="Ambulance trust"
              value={trust}
              onChange={setTrust}
              options={trusts.map((one) => ({ value: one.trust, label: one.name }))}
            />
          )}
        </section>
        <section className="card pad-in stack">
          <TextField
            label="Device code"
            value={code}
            onChange={setCode}
            maxLength={64}
            hint={
              isDemonstration()
                ? "Demonstration: DEMO-TABLET-1 to DEMO-TABLET-9."
                : "The trust's desk gives one for each tablet."
            }
          />
          <p className="flag" role="alert">
            {say}
          </p>
          {trusts === null && say !== null ? (
            <button type="button" className="btn" onClick={() => setAttempt(attempt + 1)}>
              Read the list again
            </button>
          ) : null}
        </section>
      </main>
      <footer className="bar-bottom">
        <span className="grow" />
        <button type="submit" className="btn primary big" disabled={busy}>
          {busy ? "Enrolling …" : "Enrol tablet"}
        </button>
      </footer>
    </form>
  );
};
