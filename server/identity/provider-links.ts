import { ProblemError } from "../http/problem-error.ts";
import type { ControlLog } from "../logs/control-log.ts";
import type { People } from "./people.ts";
import type { PersonCodes } from "./person-codes.ts";

/**
 * Writes that the person whose code it is signs in at the provider by this name from now on: never by an e-mail address or a name that
 * happens to be the same. An earlier one ends. Rejects with a 403 `linked-elsewhere`, what a code can lack, and StaleSubject.
 */
export const linkProvider = async (
  parts: { log: ControlLog; people: People; codes: PersonCodes },
  { issuer, sub, codeId, deviceId }: { issuer: string; sub: string; codeId: string; deviceId: string },
): Promise<void> => {
  const { log, people, codes } = parts;
  const use = await codes.use(codeId, deviceId);
  const userId = await codes.personOf(codeId);
  const known = await people.findByProvider(issuer, sub);
  if (known !== undefined && known.userId !== userId)
    throw new ProblemError(
      403,
      "linked-elsewhere",
      "At the provider you are somebody else of this trust.",
      "Sign out at the provider, then sign in there as yourself.",
    );
  const held = await log.find("provider-link", userId);
  const by = { userId, deviceId };
  await log.append([
    { kind: "provider-link", id: userId, state: { issuer, sub }, by, expected: held?.position ?? 0 },
    use,
  ]);
  people.forget();
};
