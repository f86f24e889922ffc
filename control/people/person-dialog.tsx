import { useState } from "react";
import { deskRoles, personRoles, type Role } from "#defence/access/words.ts";
import { type PersonRow, personChanged } from "#protocol/control/people.ts";
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
        <label className="field">
          User id
          <input
            value={userId}
            onChange={(event) => setUserId(event.target.value)}
            required
            pattern="[a-z0-9][a-z0-9\-]{1,39}"
            autoComplete="off"
          />
          <span className="faint">Small letters, digits and hyphens. It never changes.</span>
        </label>
      )}
      <label className="field">
        Name
        <input
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          minLength={2}
          maxLength={200}
          autoComplete="off"
        />
      </label>
      <label className="field">
        Staff number
        <input
          value={staffNumber}
          onChange={(event) => setStaffNumber(event.target.value)}
          required
          maxLength={40}
          autoComplete="off"
        />
      </label>
      <RoleChoice legend="Roles" among={careRoles} held={held} onChange={setHeld} />
      <RoleChoice
        legend="Desk roles: given once a second person has agreed"
        among={[...deskRoles]}
        held={held}
        onChange={setHeld}
      />
      <label className="field">
        Site, for a hospital's person
        <input
          value={siteId}
          onChange={(event) => setSiteId(event.target.value)}
          pattern="[a-z0-9\-]{1,40}"
          autoComplete="off"
        />
      </label>
      <label className="field">
        Last day, if there is one
        <input type="date" value={endsOn} onChange={(event) => setEndsOn(event.target.value)} />
      </label>
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
