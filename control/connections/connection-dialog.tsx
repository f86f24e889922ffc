import { useState } from "react";
import { type ConnectionRow, connectionMade, type TokenProof } from "#protocol/control/connections.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { Dialog } from "#ui/dialog.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { dayOf, endOf } from "../parts/last-day.ts";
import { keysIn, keysText } from "./keys-text.ts";

interface ConnectionDialogProps {
  /** Absent for a new one. */
  connection?: ConnectionRow;
  /** Types that can be given; `*` for all of them. */
  readable: readonly string[];
  onDone: () => void;
  onClose: () => void;
}

export const ConnectionDialog = ({ connection, readable, onDone, onClose }: ConnectionDialogProps) => {
  const desk = useDesk();
  const [name, setName] = useState(connection?.name ?? "");
  const [siteId, setSiteId] = useState(connection?.siteId ?? "");
  const [types, setTypes] = useState<readonly string[]>(connection?.types ?? ["*"]);
  const [keys, setKeys] = useState(connection ? keysText(connection.keys) : "");
  const [proof, setProof] = useState<TokenProof>(connection?.proof ?? "dpop");
  const [endsOn, setEndsOn] = useState(dayOf(connection?.endsAt));
  const [made, setMade] = useState<string>();

  const change = async (reason: string) => {
    const endsAt = endOf(endsOn, connection?.endsAt);
    const body = {
      name: name.trim(),
      siteId: siteId.trim(),
      types,
      proof,
      keys: keysIn(keys),
      ...(endsAt !== undefined && { endsAt }),
      reason,
    };
    if (connection) {
      const { connectionId, position } = connection;
      await desk.change(changedResponse, `/control/v1/connections/${connectionId}`, { ...body, expected: position });
      onClose();
    } else setMade((await desk.change(connectionMade, "/control/v1/connections", body)).connectionId);
    onDone();
  };

  if (made !== undefined)
    return (
      <Dialog title={`${name.trim()} may sign in`} onClose={onClose}>
        <div className="stack">
          <p>It reads once a second person has agreed. Give its supplier this client id, which is no secret:</p>
          <p>
            <code className="id">{made}</code>
          </p>
          <button data-first type="button" className="button big" onClick={onClose}>
            Done
          </button>
        </div>
      </Dialog>
    );
  return (
    <ChangeDialog
      title={connection ? `Change ${connection.name}` : "New system"}
      action={connection ? "Save the change" : "Propose it"}
      onChange={change}
      onStale={onDone}
      onClose={onClose}
      staysOpen
    >
      <TextField
        label="Name of the system, and whose it is"
        value={name}
        onChange={setName}
        required
        minLength={2}
        maxLength={200}
      />
      <TextField
        label="Site whose records it reads"
        value={siteId}
        onChange={setSiteId}
        required
        pattern="[a-z0-9\-]{1,40}"
      />
      <fieldset className="roles">
        <legend>What it reads</legend>
        {readable.map((type) => (
          <label key={type} className="row">
            <input
              type="checkbox"
              checked={types.includes(type)}
              disabled={type !== "*" && types.includes("*")}
              onChange={(event) =>
                setTypes(event.target.checked ? [...types, type] : types.filter((other) => other !== type))
              }
            />
            {type === "*" ? "Everything, whole documents too" : type}
          </label>
        ))}
      </fieldset>
      <label className="field">
        Its public keys
        <textarea
          value={keys}
          onChange={(event) => setKeys(event.target.value)}
          required
          rows={6}
          maxLength={15_000}
          spellCheck={false}
        />
        <span className="faint">A JSON Web Key Set, from the other system's supplier. Never a private key.</span>
      </label>
      <label className="field">
        Its tokens
        <select value={proof} onChange={(event) => setProof(event.target.value as TokenProof)}>
          <option value="dpop">are bound to a key of its own (DPoP)</option>
          <option value="bearer">read for whoever holds one, for five minutes (weak)</option>
        </select>
      </label>
      <TextField label="Last day, if there is one" type="date" value={endsOn} onChange={setEndsOn} />
    </ChangeDialog>
  );
};
