import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { readConfig, SetupProblem } from "#server/config.ts";
import { type Cluster, openCluster } from "#server/postgres/cluster.ts";
import {
  rotateDatabasePasswords,
  rotateInboxKey,
  rotateIndexKey,
  rotateIssuerKey,
  rotateSiteKeys,
  rotateTokenKey,
} from "#server/sealing/rotate-other-keys.ts";
import { type RotationParts, rotateTrustKey } from "#server/sealing/rotate-trust-key.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";

/** Which key → how it is rotated. The passwords belong to the whole database, the others to a trust. */
const rotations: Record<string, (parts: RotationParts) => Promise<number>> = {
  trust: rotateTrustKey,
  index: rotateIndexKey,
  tokens: rotateTokenKey,
  issuer: rotateIssuerKey,
  inbox: rotateInboxKey,
  sites: rotateSiteKeys,
};
const passwords = "passwords";
const names = [...Object.keys(rotations), passwords];

export const keysCommand: Command = {
  summary: "rotates a key: the old one opens nothing any more",
  help: `holdfast keys rotate <${names.join("|")}> [--trust northmoor|westvale] [--json]

  trust      the trust key: wraps every record key and seals every row anew. Zones are stopped until it says they may start;
             then it goes on beside them
  index      the key of look-ups: makes every projection again. Zones are stopped
  tokens     the key of tokens: people sign in again; devices go on pushing, and read again after their next heartbeat. Zones
             are stopped
  issuer     the key that signs certificates and grants: the next start makes a new one. Zones are stopped
  inbox      the key that locked tablets seal to: the next start makes a new one. Zones are stopped
  sites      the keys that films are sealed to: the next start makes new ones, and screens and tablets get them with their next
             heartbeat. Zones are stopped
  passwords  of the database's roles. Zones go on

What each key opens, and what to do when it is lost or stolen: docs/keys.md. A rotation that was ended half-way goes on when
it is run again.

  --trust   one trust only; both by default. Not for passwords, which all trusts of a database share
  --json    prints the counts as one JSON line instead of a progress bar

Exit codes: 0 done; 1 failed; 2 wrongly called; 3 something to put right first, such as zones that run.
Settings: HOLDFAST_DATA, DATABASE_URL (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { trust: { type: "string" }, json: { type: "boolean" } },
    });
    const [verb, which = ""] = positionals;
    if (verb !== "rotate" || !names.includes(which) || positionals.length > 2) {
      console.error(`Say which key: holdfast keys rotate <${names.join("|")}>.`);
      return 2;
    }
    const wanted = trusts.filter(({ trust }) => values.trust === undefined || trust === values.trust);
    if (wanted.length === 0 || (which === passwords && values.trust !== undefined)) {
      const choice = trusts.map(({ trust }) => trust).join(", ");
      console.error(
        which === passwords ? "All trusts share the passwords." : `There is no such trust. Choose from ${choice}.`,
      );
      return 2;
    }
    const config = readConfig(process.env);
    const cluster = await openCluster(config, { share: true });
    const changed: Record<string, number> = {};
    try {
      if (!cluster.prepares)
        throw new SetupProblem(
          "no-administrator",
          "DATABASE_URL names no user, and keys are rotated by the one who prepares the database.",
          "run this where the database is administered.",
        );
      const isQuiet = values.json === true;
      if (which === passwords)
        await withBar(which, isQuiet, async (onProgress) => {
          changed[which] = await rotateDatabasePasswords(cluster, config.dataDirectory, onProgress);
        });
      else
        for (const { trust } of wanted)
          await withBar(trust, isQuiet, async (onProgress) => {
            changed[trust] = await rotateIn(cluster, config.dataDirectory, trust, which, isQuiet, onProgress);
          });
    } finally {
      await cluster.stop();
    }
    if (values.json) console.log(JSON.stringify({ rotated: which, changed }));
    else for (const [name, count] of Object.entries(changed)) console.log(`${name}: rotated, ${count} changed`);
    return 0;
  },
};

const rotateIn = async (
  cluster: Cluster,
  dataDirectory: string,
  trust: string,
  which: string,
  isQuiet: boolean,
  onProgress: RotationParts["onProgress"],
): Promise<number> => {
  await cluster.prepare(trust);
  const onZonesMayStart = () => {
    if (!isQuiet) console.log(`${trust}: the zones may start now.`);
  };
  return rotations[which]!({ url: cluster.url(trust, "owner"), dataDirectory, trust, onProgress, onZonesMayStart });
};

const withBar = async (
  name: string,
  isQuiet: boolean,
  work: (onProgress: RotationParts["onProgress"]) => Promise<void>,
): Promise<void> => {
  const bar = isQuiet ? undefined : new SingleBar({ format: `${name} {bar} {value}/{total}, {eta} s left` });
  let shown = -1;
  try {
    await work((done, all) => {
      if (shown < 0) bar?.start(all, 0);
      bar?.increment(done - Math.max(shown, 0));
      shown = done;
    });
  } finally {
    if (shown >= 0) bar?.stop();
  }
};
