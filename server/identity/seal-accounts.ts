import type { ControlLog } from "../logs/control-log.ts";
import { hashOfCode, oneTimeCode } from "./codes.ts";
import { sealedAccount } from "./sealed-accounts.ts";

const accounts = ["sealed-1", "sealed-2"] as const;
/** 120 random bits: it is good for years, so nobody may guess it. */
const newCode = (): string => `${oneTimeCode()}-${oneTimeCode()}`;

/** What a sealed account may do: put the trust's sign-in right, and look after the patient who comes in meanwhile. */
export const sealedRoles = ["security", "continuity", "configuration", "hospital-doctor"] as const;

/**
 * Seals a trust's two accounts with new codes, in one commit; codes of before open nothing any more. Resolves to the codes,
 * which are nowhere else: print them, and keep them in two safes. `log` appends for the desk.
 */
export const sealAccounts = async (log: ControlLog, reason: string): Promise<{ name: string; code: string }[]> => {
  const sealed = accounts.map((id, i) => ({ id, name: `Sealed account ${i + 1}`, code: newCode() }));
  const sealedAt = new Date().toISOString();
  await log.append(
    sealed.map(({ id, name, code }) => {
      const state = { name, codeHash: hashOfCode(code), roles: [...sealedRoles], sealedAt, opened: 0 };
      return { kind: "break-glass", id, state: sealedAccount.parse(state), by: {}, reason };
    }),
  );
  return sealed.map(({ name, code }) => ({ name, code }));
};
