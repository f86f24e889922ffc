import { useState } from "react";
import { type PasskeyCodeResponse, type PersonRow, passkeyCodeResponse } from "#protocol/control/people.ts";
import { Dialog } from "#ui/dialog.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { fullTime } from "../parts/words.ts";

/** A code with which somebody who cannot sign in yet makes a passkey. Whoever has it is the person: hand it over, do not send it. */
export const PasskeyCodeDialog = ({ person, onClose }: { person: PersonRow; onClose: () => void }) => {
  const desk = useDesk();
  const [made, setMade] = useState<PasskeyCodeResponse>();
  if (made)
    return (
      <Dialog title={`Passkey code for ${person.name}`} onClose={onClose}>
        <div className="stack">
          <p className="code">{made.code}</p>
          {made.waits && (
            <p className="warned">
              ▲ It opens once a second person has agreed, under “To approve”, and then for a day. They have until{" "}
              {fullTime(made.expiresAt)}.
            </p>
          )}
          <p>
            {made.waits
              ? "It works once, and is not shown again."
              : `Once, until ${fullTime(made.expiresAt)}. It is not shown again.`}{" "}
            {person.name} types it where they sign in, under “I was given a code for a passkey”.
          </p>
        </div>
      </Dialog>
    );
  return (
    <ChangeDialog
      title={`Passkey code for ${person.name}`}
      action="Make the code"
      onChange={async (reason) => {
        const path = `/control/v1/people/${person.userId}/passkey-code`;
        setMade(await desk.change(passkeyCodeResponse, path, { reason }));
      }}
      staysOpen
      onStale={() => {}}
      onClose={onClose}
    >
      <p>Be sure that it is {person.name} whom you give it to: whoever types it signs in as them.</p>
    </ChangeDialog>
  );
};
