import type { Person } from "#client/client.ts";
import type { Role } from "#defence/access/words.ts";
import type { Author } from "#domain/entry/entry.ts";
import { needsCoSign } from "./needs-co-sign.ts";

/** Somebody whom the tablet does not know, and the signed-in crewmate who said who they are. */
export interface VouchedPerson extends Person {
  staffNumber: string;
  vouchedBy: string;
}

export interface VouchForm {
  name: string;
  role: string;
  staffNumber: string;
  isStudent: boolean;
}

/** The person, or what is missing in plain words. The staff number makes the user id, so that two tablets mean the same one. */
export const vouchFor = (form: VouchForm, vouchedBy: Person): VouchedPerson | { missing: string } => {
  const [name, role, staffNumber] = [form.name.trim(), form.role.trim(), form.staffNumber.trim()];
  if (name === "") return { missing: "Type the name." };
  if (staffNumber === "") return { missing: "Type the staff number." };
  const roles = form.isStudent ? { roles: ["student" satisfies Role] } : {};
  return { userId: `staff:${staffNumber}`, name, role, ...roles, staffNumber, vouchedBy: vouchedBy.userId };
};

/** Flagged in everything they write. */
export const vouchedAuthor = ({ userId, name, role, roles, staffNumber, vouchedBy }: VouchedPerson): Author => ({
  userId,
  name: `${name} (${staffNumber})`.slice(0, 200),
  role,
  signIn: "vouched",
  vouchedBy,
  ...(needsCoSign(roles) && { coSign: "needed" }),
});
