import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { readConfig } from "#server/config.ts";
import { type DemonstrationProvider, startDemonstrationProvider } from "#server/identity/demonstration-provider.ts";
import { openCluster } from "#server/postgres/cluster.ts";
import { createKeyRing, type KeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import type { CellZone } from "#server/trusts.ts";
import { startTestArchive, type TestArchive } from "./archive.ts";
import { bootForTest, type TestServer, type TestServerOptions } from "./boot.ts";
import { enrolTestDevice, type TestDevice } from "./devices.ts";
import { type PostgresVersion, startTestPostgres } from "./postgres.ts";

/**
 * What stands from before the first test of a file or a group until after its last. Each is filled in by then, in the order of
 * the calls, and taken down in the opposite one: tests may take it apart, the file itself may not.
 */
const use = <Thing extends object>(
  make: (into: Thing) => Promise<Thing>,
  takeDown: (thing: Thing) => unknown = () => {},
): Thing => {
  const thing = {} as Thing;
  let isMade = false;
  beforeAll(async () => {
    Object.assign(thing, await make(thing));
    isMade = true;
  });
  afterAll(async () => {
    if (isMade) await takeDown(thing);
  });
  return thing;
};

/** A server; its settings may be of what was set up before it. */
export const useServer = (
  options: TestServerOptions | (() => TestServerOptions | Promise<TestServerOptions>) = {},
): TestServer =>
  use<TestServer>(
    async (into) => bootForTest(typeof options === "function" ? await options() : options, into),
    (server) => server.remove(),
  );

export const useDevice = (server: TestServer, zone: CellZone): TestDevice =>
  use<TestDevice>(() => enrolTestDevice(server, zone));

export const useArchive = (): TestArchive => use(startTestArchive, (archive) => archive.remove());

/** The base of that archive. It seals by itself, or `"when-told"`: what seals is the test's own, so that it says when. */
export const useArchivedBase = (archive: TestArchive, seals: "by-itself" | "when-told"): TestServer =>
  useServer(() => ({
    data: archive.base,
    settings: { HOLDFAST_LETTERBOX: seals === "by-itself" ? archive.address : "http://127.0.0.1:9" },
  }));

/** A machine with a trust's database, empty, and keys of its own. */
export interface EmptyMachine {
  url: string;
  keyRing: KeyRing;
  /** Its HOLDFAST_DATA. */
  data: string;
  /** Ends its database; as the file's end does. */
  stop(): Promise<void>;
}

/** What makes machines that never held the base's disk, keys or secrets. */
export const useMachines = (trust: string): (() => Promise<EmptyMachine>) => {
  const made: EmptyMachine[] = [];
  afterAll(async () => {
    for (const { stop, data } of made) {
      await stop();
      rmSync(data, { recursive: true, force: true });
    }
  });
  return async () => {
    const data = mkdtempSync(join(tmpdir(), "holdfast-machine-"));
    const cluster = await openCluster(readConfig({ HOLDFAST_DATA: data }), { fsync: false });
    let isUp = true;
    const stop = async () => {
      if (isUp) await cluster.stop();
      isUp = false;
    };
    const machine = { url: cluster.url(trust, "owner"), keyRing: createKeyRing(fileTrustKey(data, trust)), data, stop };
    made.push(machine);
    await cluster.prepare(trust);
    return machine;
  };
};

export const usePostgres = (version: PostgresVersion) =>
  use<Awaited<ReturnType<typeof startTestPostgres>>>(
    () => startTestPostgres(version),
    (postgres) => postgres.stop(),
  );

/** The demonstration's sign-in provider; `settings` make a server ask it. */
export const useProvider = () =>
  use<DemonstrationProvider & { settings: Record<string, string> }>(
    async () => {
      const provider = await startDemonstrationProvider({ bind: "127.0.0.1", port: 0 });
      return { ...provider, settings: { HOLDFAST_PROVIDER_PORT: String(provider.port) } };
    },
    (provider) => provider.close(),
  );

/** An empty folder; its path. */
export const useFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
