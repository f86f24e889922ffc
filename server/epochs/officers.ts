import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLogKey, readFirstLogKeys } from "../archive/log-key.ts";
import { officers } from "../archive/officers.ts";
import { SetupProblem } from "../config.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { secretFile } from "../secrets.ts";
import { officerText, publicKeyOf } from "./opening.ts";

/** Who a trust's officers are, as a server of it is told: a public key a line. */
const listOf = (directory: string, trust: string): string => join(directory, `${trust}.officers`);

/** The trust's officers by what lies in a directory; none where there is no list. */
export const readOfficers = (directory: string, trust: string): KeyObject[] => {
  const path = listOf(directory, trust);
  if (!existsSync(path)) return [];
  try {
    return readFileSync(path, "utf8").trim().split("\n").map(publicKeyOf);
  } catch {
    throw new SetupProblem("bad-officers", `${path} is no list of officers' keys.`, "bring the officers' copy of it.");
  }
};

/** Makes each officer's key in `home`, where it is not there, and lists them in all of `places`. */
export const makeOfficers = (home: string, places: readonly string[], trust: string): void => {
  const keys = Array.from({ length: officers }, (_, i) =>
    secretFile(officerKeyPath(home, trust, i + 1), newOfficerKey),
  );
  const list = keys.map((pem) => officerText(createPrivateKey(pem))).join("\n");
  for (const place of places) writeFileSync(listOf(place, trust), `${list}\n`, { mode: 0o644 });
};

export const officerKeyPath = (home: string, trust: string, officer: number): string =>
  join(home, `${trust}.officer-${officer}.key`);

/** An officer's private key from its file. */
export const readOfficerKey = (path: string): KeyObject => {
  try {
    return createPrivateKey(readFileSync(path, "utf8"));
  } catch {
    throw new SetupProblem("bad-officer-key", `${path} is no officer's key.`, "name the file <trust>.officer-<n>.key.");
  }
};

const newOfficerKey = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString().trim();

/**
 * Whose signatures count for a trust's logs, as a server knows them: the first base has made the first key itself, any other was given
 * it beside the list of officers.
 */
export const signersOf = (
  directory: string,
  trust: string,
  keyRing: KeyRing,
): { logKeys: KeyObject[]; officers: KeyObject[] } => ({
  logKeys: existsSync(join(directory, `${trust}.log-key`))
    ? readFirstLogKeys(directory, trust)
    : [createPublicKey(openLogKey(directory, trust, keyRing))],
  officers: readOfficers(directory, trust),
});
