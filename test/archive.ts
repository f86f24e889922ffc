import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initArchive } from "#server/archive/init.ts";
import type { Letterbox } from "#server/archive/letterbox.ts";
import { letterboxClient } from "#server/archive/letterbox-client.ts";
import { type LetterboxServer, startLetterbox } from "#server/archive/letterbox-server.ts";
import { logKeyOf } from "#server/archive/log-key.ts";
import { joinIdentity } from "#server/archive/officers.ts";
import { startWitness, type WitnessServer } from "#server/heads/witness-server.ts";
import { existingSecret } from "#server/secrets.ts";
import { trusts } from "#server/trusts.ts";

const names = trusts.map(({ trust }) => trust);

/** A letterbox of a test's own, the base's data with the archive's keys, and what the standby and the officers hold. */
export interface TestArchive {
  /** HOLDFAST_DATA for the base. */
  base: string;
  standby: string;
  officers: string;
  letterboxDirectory: string;
  server: LetterboxServer;
  /** What the base's settings say of it. */
  address: string;
  /** With the base's secret, the standby's, or any other. */
  client(secret: "append" | "read" | { other: string }): Letterbox;
  /** As the standby or whoever restores reads it. */
  reader: Letterbox;
  logKeys(trust: string): ReturnType<typeof logKeyOf>[];
  /** Starts a witness, or starts it again; `setting` names it as HOLDFAST_WITNESSES does. Ends with the archive. */
  witness(name?: string): Promise<WitnessServer & { setting: string; directory: string }>;
  /** What the base seals to. */
  recipients(trust: string): string[];
  standbyIdentity(trust: string): string;
  /** From two officers' shares. */
  recoveryIdentity(trust: string): Promise<string>;
  remove(): Promise<void>;
}

export const startTestArchive = async (): Promise<TestArchive> => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-archive-"));
  const place = (name: string): string => join(folder, name);
  const places = {
    base: place("base"),
    letterbox: place("letterbox"),
    standby: place("standby"),
    officers: place("officers"),
  };
  await initArchive(places, names);
  const options = { directory: places.letterbox, bind: "127.0.0.1", port: 0, keepDays: 9_000, trusts: names };
  const server = await startLetterbox(options);
  const address = `http://127.0.0.1:${server.port}`;
  const text = (...path: string[]): string => readFileSync(join(...path), "utf8");
  const client: TestArchive["client"] = (secret) =>
    letterboxClient(
      address,
      typeof secret === "string" ? existingSecret(join(places.letterbox, "secrets", secret)) : secret.other,
    );
  const witnesses: WitnessServer[] = [];
  return {
    client,
    witness: async (name = "witness.example") => {
      const logKeyFiles = names.map((trust) => join(places.officers, `${trust}.log-key`));
      const directory = place(name);
      const started = await startWitness({ directory, name, logKeyFiles, bind: "127.0.0.1", port: 0 });
      witnesses.push(started);
      return { ...started, directory, setting: `${started.verifier}@http://127.0.0.1:${started.port}` };
    },
    base: places.base,
    standby: places.standby,
    officers: places.officers,
    letterboxDirectory: places.letterbox,
    server,
    address,
    reader: client("read"),
    logKeys: (trust) => [logKeyOf(text(places.officers, `${trust}.log-key`))],
    recipients: (trust) => text(places.base, "keys", `${trust}.recipients`).trim().split("\n"),
    standbyIdentity: (trust) => text(places.standby, "keys", `${trust}.identity`).trim(),
    recoveryIdentity: (trust) =>
      joinIdentity([1, 3].map((officer) => text(places.officers, `${trust}.share-${officer}`))),
    remove: async () => {
      for (const each of witnesses) await each.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
