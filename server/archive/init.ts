import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { SetupProblem } from "../config.ts";
import { makeOfficers } from "../epochs/officers.ts";
import { createKeyRing } from "../sealing/key-ring.ts";
import { keepPrivateKey, sealedPrivateKey } from "../sealing/sealed-private-key.ts";
import { fileTrustKey, keyFiles } from "../sealing/trust-key.ts";
import { existingSecret, newSecret, secretFile } from "../secrets.ts";
import { logKeyText, openLogKey } from "./log-key.ts";
import { joinIdentity, officers as officerCount, splitIdentity } from "./officers.ts";

/** Where each part of the archive's keys goes: four places, which in earnest are four machines or safes. */
export interface ArchivePlaces {
  /** HOLDFAST_DATA of the base: public keys to seal to, and the secret to append with. */
  base: string;
  letterbox: string;
  standby: string;
  /** The officers' shares, to be printed or handed over, and then removed. */
  officers: string;
}

/**
 * Makes the archive's keys: identities that open it, for the standby and split among the officers; the base keeps neither. Throws
 * SetupProblem where there are some: they are never overwritten, since nobody could open what was sealed to them. Interrupted, it goes
 * on when it is called again.
 */
export const initArchive = async (places: ArchivePlaces, trusts: readonly string[]): Promise<void> => {
  for (const trust of trusts)
    if (existsSync(keyFiles(places.base, trust).recipients))
      throw new SetupProblem(
        "archive-there",
        `The archive of ${trust} has its keys.`,
        "keep them: what was sealed opens with nothing else. For others, change the recipients file by hand.",
      );
  for (const place of Object.values(places)) mkdirSync(place, { recursive: true, mode: 0o700 });
  const [append, read] = [newSecret(), newSecret()];
  secretFile(join(places.letterbox, "secrets", "append"), () => append);
  secretFile(join(places.letterbox, "secrets", "read"), () => read);
  secretFile(join(places.base, "secrets", "letterbox"), () =>
    existingSecret(join(places.letterbox, "secrets", "append")),
  );
  secretFile(join(places.standby, "secrets", "letterbox"), () =>
    existingSecret(join(places.letterbox, "secrets", "read")),
  );
  for (const trust of trusts) await initTrust(places, trust);
};

const initTrust = async ({ base, letterbox, standby, officers }: ArchivePlaces, trust: string): Promise<void> => {
  const keyRing = createKeyRing(fileTrustKey(base, trust));
  const logKey = logKeyText(openLogKey(base, trust, keyRing));
  const made = await generateIdentity();
  const ofStandby = secretFile(join(standby, "keys", `${trust}.identity`), () => made);
  for (const place of [letterbox, standby, officers])
    writeFileSync(join(place, `${trust}.log-key`), `${logKey}\n`, { mode: 0o644 });
  // What locked tablets seal, the standby opens too.
  const inbox = sealedPrivateKey(keyFiles(base, trust).inbox, "inbox", trust, keyRing);
  const ofStandbyItself = createKeyRing(fileTrustKey(standby, trust));
  keepPrivateKey(keyFiles(standby, trust).inbox, "inbox", trust, ofStandbyItself, inbox);
  makeOfficers(officers, [base, letterbox, standby, officers], trust);
  const ofOfficers = await recoveryIdentity(officers, trust);
  const recipients = await Promise.all([ofStandby, ofOfficers].map(identityToRecipient));
  // Whoever is the base after this one seals to the same. The base's is last, since it says that the rest is there.
  const paths = [
    join(officers, `${trust}.recipients`),
    ...[standby, base].map((each) => keyFiles(each, trust).recipients),
  ];
  for (const path of paths) writeFileSync(path, `${recipients.join("\n")}\n`, { mode: 0o644 });
};

/** The identity that the officers' shares make. An earlier run may have got as far as them, or have been cut off in their midst. */
const recoveryIdentity = async (officers: string, trust: string): Promise<string> => {
  const paths = Array.from({ length: officerCount }, (_, i) => join(officers, `${trust}.share-${i + 1}`));
  const there = paths.filter((path) => existsSync(path)).map((path) => readFileSync(path, "utf8"));
  const joined = there.length === paths.length ? await joinIdentity(there).catch(() => undefined) : undefined;
  if (joined !== undefined) return joined;
  if (there.length > 0)
    throw new SetupProblem(
      "some-shares",
      `${officers} holds ${there.length} of ${paths.length} shares of ${trust}, or some that do not belong together.`,
      "remove them if they are of a run that was cut off, as nothing was sealed to those; else name another folder.",
    );
  const identity = await generateIdentity();
  for (const [i, share] of (await splitIdentity(trust, identity)).entries())
    writeFileSync(paths[i]!, share, { mode: 0o600, flag: "wx" });
  return identity;
};
