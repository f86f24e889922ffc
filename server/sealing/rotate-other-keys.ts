import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Cluster, DatabaseRole } from "../postgres/cluster.ts";
import { databaseRoles } from "../postgres/cluster.ts";
import { rebuild } from "../projection/rebuild.ts";
import { newSecret, replaceSecret, secretFile, syncFolder } from "../secrets.ts";
import { createKeyRing } from "./key-ring.ts";
import { type RotationParts, whileNobodyHoldsKeys, withRotation } from "./rotate-trust-key.ts";
import { formerName } from "./sealed-private-key.ts";
import { fileTrustKey, keyFiles, readGenerations, trustKeyOf, writeGenerations } from "./trust-key.ts";

/** Generations of the tokens' key that still push. */
const tokenKeysMax = 4;

/**
 * A new key of the blind index, and every projection made again with it from the logs. The zones are stopped meanwhile: what
 * they index with the old key would not be found. Ended half-way, it begins again with the same new key.
 */
export const rotateIndexKey = async (parts: RotationParts): Promise<number> => {
  const { dataDirectory, trust, url } = parts;
  const { index } = keyFiles(dataDirectory, trust);
  const next = `${index}.next`;
  return withRotation(url, async (client) => {
    let lines = 0;
    await whileNobodyHoldsKeys(client, trust, async () => {
      const known = fileTrustKey(dataDirectory, trust);
      const [secret] = readGenerations(next, newSecret);
      const roots = readGenerations(keyFiles(dataDirectory, trust).root);
      const keyRing = createKeyRing(trustKeyOf(roots, secret, known.tokens));
      ({ lines } = await rebuild(url, keyRing, parts.onProgress));
      renameSync(next, index);
      syncFolder(dirname(index));
    });
    parts.onZonesMayStart();
    return lines;
  });
};

/**
 * A new key of tokens. Who is signed in signs in again; a device's earlier token goes on pushing, and its next heartbeat, with
 * its certificate and a proof by its key, brings one that reads.
 */
export const rotateTokenKey = (parts: RotationParts): Promise<number> =>
  changeFile(parts, () => {
    const { tokens } = keyFiles(parts.dataDirectory, parts.trust);
    writeGenerations(tokens, [randomBytes(32), ...readGenerations(tokens)].slice(0, tokenKeysMax));
  });

/** The next start makes a new issuer key and publishes it before the others: what they signed counts until it expires. */
export const rotateIssuerKey = (parts: RotationParts): Promise<number> =>
  changeFile(parts, () => rmSync(keyFiles(parts.dataDirectory, parts.trust).issuer, { force: true }));

/** The next start makes a new inbox key. The old one stays beside it: locked tablets may have sealed to it. */
export const rotateInboxKey = (parts: RotationParts): Promise<number> =>
  changeFile(parts, () => {
    const { inbox } = keyFiles(parts.dataDirectory, parts.trust);
    if (existsSync(inbox)) renameSync(inbox, formerName(inbox));
    syncFolder(dirname(inbox));
  });

/** The next start makes new site keys. The old ones stay: a tablet that was not in touch since seals films to them. */
export const rotateSiteKeys = (parts: RotationParts): Promise<number> =>
  changeFile(parts, () => {
    const folder = dirname(keyFiles(parts.dataDirectory, parts.trust).inbox);
    const newest = new RegExp(`^${parts.trust}\\.site\\.[a-z0-9-]+$`);
    for (const name of readdirSync(folder).filter((each) => newest.test(each)))
      renameSync(join(folder, name), formerName(join(folder, name)));
    syncFolder(folder);
  });

const changeFile = (parts: RotationParts, change: () => void): Promise<number> =>
  withRotation(parts.url, async (client) => {
    await whileNobodyHoldsKeys(client, parts.trust, async () => change());
    parts.onProgress(1, 1);
    parts.onZonesMayStart();
    return 1;
  });

/**
 * New passwords of the database's roles. Zones go on: their sessions with the old passwords are ended, and each new connection
 * reads the file. Ended half-way, run it again, or start a process that prepares the database: both set what the files say.
 */
export const rotateDatabasePasswords = async (
  cluster: Cluster,
  dataDirectory: string,
  onProgress: RotationParts["onProgress"],
): Promise<number> => {
  const roles: readonly DatabaseRole[] = databaseRoles;
  for (const [i, role] of roles.entries()) {
    const file = join(dataDirectory, "secrets", role);
    secretFile(file);
    replaceSecret(file, newSecret());
    await cluster.applyPasswords([role]);
    onProgress(i + 1, roles.length);
  }
  return roles.length;
};
