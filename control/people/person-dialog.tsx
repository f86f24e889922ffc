import { useState } from "react";
import { deskRoles, personRoles, type Role } from "#defence/access/words.ts";
import { type PersonRow, personChanged } from "#protocol/control/people.ts";
import { TextField } from "#ui/text-field.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { dayOf, endOf } from "../parts/last-day.ts";
import { roleInWords } from "../parts/words.ts";

interface PersonDialogProps {
  /** Absent for somebody new. */
  person?: PersonRow;
  onDone: () => void;
  onClose: () => void;
}

export const PersonDialog = ({ person, onDone, onClose }: PersonDialogProps) => {
  const desk = useDesk();
  const [userId, setUserId] = useState("");
  const [name, setName] = useState(person?.name ?? "");
  const [staffNumber, setStaffNumber] = useState(person?.staffNumber ?? "");
  const [siteId, setSiteId] = useState(person?.siteId ?? "");
  const [held, setHeld] = useState<readonly Role[]>(person ? [...person.roles, ...person.waiting] : []);
  const [endsOn, setEndsOn] = useState(dayOf(person?.endsAt));

  const change = async (reason: string) => {
    const endsAt = endOf(endsOn, person?.endsAt);
    const body = {
      name: name.trim(),
      staffNumber: staffNumber.trim(),
      roles: held,
      ...(siteId.trim() !== "" && { siteId: siteId.trim() }),
      ...(endsAt !== undefined && { endsAt }),
      reason,
    };
    if (person)
      await desk.change(personChanged, `/control/v1/people/${person.userId}`, { ...body, expected: person.position });
    else await desk.change(personChanged, "/control/v1/people", { ...body, userId: userId.trim() });
    onDone();
  };
  return (
    <ChangeDialog
      title={person ? `Change ${person.name}` : "New person"}
      action={person ? "Save the change" : "Add the person"}
      onChange={change}
      onStale={onDone}
      onClose={onClose}
    >
      {!person && (
        <TextField label="User id" value={userId} onChange={setUserId} required pattern="[a-z0-9][a-z0-9\-]{1,39}">
          <span className="faint">Small letters, digits and hyphens. It never changes.</span>
        </TextField>
      )}
      <TextField label="Name" value={name} onChange={setName} required minLength={2} maxLength={200} />
      <TextField label="Staff number" value={staffNumber} onChange={setStaffNumber} required maxLength={40} />
      <RoleChoice legend="Roles" among={careRoles} held={held} onChange={setHeld} />
      <RoleChoice
        legend="Desk roles: given once a second person has agreed"
        among={[...deskRoles]}
        held={held}
        onChange={setHeld}
      />
      <TextField label="Site, for a hospital's person" value={siteId} onChange={setSiteId} pattern="[a-z0-9\-]{1,40}" />
      <TextField label="Last day, if there is one" type="date" value={endsOn} onChange={setEndsOn} />
    </ChangeDialog>
  );
};

const careRoles = personRoles.filter((role) => !deskRoles.has(role));

interface RoleChoiceProps {
  legend: string;
  among: readonly Role[];
  held: readonly Role[];
  onChange: (held: readonly Role[]) => void;
}

const RoleChoice = ({ legend, among, held, onChange }: RoleChoiceProps) => (
  <fieldset className="roles">
    <legend>{legend}</legend>
    {among.map((role) => (
      <label key={role} className="row">
        <input
          type="checkbox"
          checked={held.includes(role)}
          onChange={(event) =>
            onChange(event.target.checked ? [...held, role] : held.filter((other) => other !== role))
          }
        />
        {roleInWords(role)}
      </label>
    ))}
  </fieldset>
);
