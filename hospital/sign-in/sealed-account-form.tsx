import { type FormEvent, useState } from "react";
import { openSealedAccount } from "#client/sign-in.ts";
import { CodeField } from "#ui/code-field.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useCells } from "../cells/use-cells.ts";

interface SealedAccountFormProps {
  busy: boolean;
  onOpen: (work: () => Promise<void>) => void;
}

/** The printed code of one trust's sealed account. Opening it lets in at once, and alerts the trust. */
export const SealedAccountForm = ({ busy, onOpen }: SealedAccountFormProps) => {
  const { cells, snapshots } = useCells();
  const trusts = snapshots.filter(({ client }) => client.phase === "ready").map(({ endpoint }) => endpoint);
  const [trust, setTrust] = useState("");
  const [code, setCode] = useState("");
  const [reason, setReason] = useState("");
  const chosen = trust || trusts[0]?.trust;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const cell = cells.find((each) => each.getSnapshot().endpoint.trust === chosen);
    if (cell) onOpen(() => openSealedAccount(cell.client.signInPlace, { code: code.trim(), reason: reason.trim() }));
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p className="soft">It opens at once. The trust is alerted, and its desk reviews it.</p>
      <label className="field">
        Trust whose account it is
        <select value={chosen} onChange={(event) => setTrust(event.target.value)}>
          {trusts.map((each) => (
            <option key={each.trust} value={each.trust}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      <CodeField label="Printed code" value={code} onChange={setCode} />
      <TextField label="Why it is opened" value={reason} onChange={setReason} maxLength={500} />
      <button type="submit" className="button" disabled={busy || code.trim().length < 4 || reason.trim().length < 3}>
        Open the sealed account
      </button>
    </form>
  );
};
