import { useState } from "react";
import {
  type PersonCodeResponse,
  type PersonCodeUse,
  type PersonRow,
  personCodeResponse,
} from "#protocol/control/people.ts";
import { Dialog } from "#ui/dialog.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { fullTime } from "../parts/words.ts";

/** What the code is for, and where its person types it. */
const uses: readonly { use: PersonCodeUse; label: string; where: string }[] = [
  {
    use: "pin",
    label: "A PIN for tablets",
    where: "on any tablet of the trust that is online, under “I have a code for a PIN”",
  },
  { use: "passkey", label: "A passkey", where: "where they sign in, under “I was given a code for a passkey”" },
  {
    use: "provider",
    label: "Signing in with the trust's provider",
    where:
      "where they sign in, under “I was given a code for the provider”; whoever they are there is this person from then on",
  },
];

/** A code with which somebody gets a way to sign in. Whoever has it is the person: hand it over, do not send it. */
export const PersonCodeDialog = ({ person, onClose }: { person: PersonRow; onClose: () => void }) => {
  const desk = useDesk();
  const [use, setUse] = useState<PersonCodeUse>("pin");
  const [made, setMade] = useState<PersonCodeResponse>();
  const { where } = uses.find((each) => each.use === use)!;
  if (made)
    return (
      <Dialog title={`Code for ${person.name}`} onClose={onClose}>
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
            {person.name} types it {where}.
          </p>
        </div>
      </Dialog>
    );
  return (
    <ChangeDialog
      title={`Code for ${person.name}`}
      action="Make the code"
      onChange={async (reason) => {
        const path = `/control/v1/people/${person.userId}/code`;
        setMade(await desk.change(personCodeResponse, path, { for: use, reason }));
      }}
      staysOpen
      onStale={() => {}}
      onClose={onClose}
    >
      <fieldset className="roles">
        <legend>What it is for</legend>
        {uses.map((each) => (
          <label key={each.use} className="row">
            <input type="radio" name="use" checked={each.use === use} onChange={() => setUse(each.use)} />
            {each.label}
          </label>
        ))}
      </fieldset>
      <p>Be sure that it is {person.name} whom you give it to: whoever types it signs in as them.</p>
    </ChangeDialog>
  );
};
