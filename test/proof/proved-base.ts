import pg from "pg";
import type { ProofResult } from "#protocol/control/proof.ts";
import { type ArchiverParts, sealEverything } from "#server/archive/archiver.ts";
import { openLogKey } from "#server/archive/log-key.ts";
import { frontierAt, readLeaves } from "#server/archive/log-lines.ts";
import { type HeadKeeper, startHeadKeeper } from "#server/heads/head-keeper.ts";
import { witnessClient } from "#server/heads/witness-client.ts";
import type { KeyRing } from "#server/sealing/key-ring.ts";
import { witnessedHeads } from "#server/verify/open-prover.ts";
import { type VerifyParts, verifyTrust } from "#server/verify/verify.ts";
import { startTestArchive, type TestArchive } from "../archive.ts";
import { bootForTest, call, type TestServer } from "../boot.ts";
import { enrolTestDevice, incident, note, pull, push, runOf, type TestDevice, testChain } from "../devices.ts";
import { openDisposals } from "../disposal.ts";
import { inDatabase, postgresVersions, startTestPostgres } from "../postgres.ts";

export const trust = "northmoor";

/** A base with an archive and a witness, each step of which is sealed, and its heads co-signed, when the test says so. */
export interface ProvedBase {
  archive: TestArchive;
  server: TestServer;
  /** Of the cluster. */
  databaseUrl: string;
  tablet: TestDevice;
  keyRing: KeyRing;
  /** As the database's superuser, in the trust's database. */
  superuser: pg.Client;
  logKey: ReturnType<typeof openLogKey>;
  /** KEY@ADDRESS. */
  witness: string;
  /** Sizes of the logs at each co-signed head. */
  cosigned: Record<"care" | "access" | "control", number[]>;
  write(records: number): Promise<void>;
  seal(): Promise<void>;
  verify(more?: Partial<VerifyParts>): Promise<ProofResult>;
  remove(): Promise<void>;
}

export const startProvedBase = async (): Promise<ProvedBase> => {
  const archive = await startTestArchive();
  const witness = (await archive.witness()).setting;
  const postgres = await startTestPostgres(postgresVersions[0]!);
  // What seals is the test's own, so that it says when.
  const server = await bootForTest({
    data: archive.base,
    databaseUrl: postgres.url,
    settings: { HOLDFAST_LETTERBOX: "http://127.0.0.1:9" },
  });
  const tablet = await enrolTestDevice(server, "crew");
  const { keyRing } = server.cells.get(trust)!;
  const url = server.cells.get(trust)!.databaseUrl("archive");
  const pool = new pg.Pool({ connectionString: url });
  const superuser = new pg.Client({ connectionString: inDatabase(postgres.url, trust) });
  await superuser.connect();
  const logKey = openLogKey(archive.base, trust, keyRing);
  const cosigned: ProvedBase["cosigned"] = { care: [], access: [], control: [] };
  const keeper: HeadKeeper = startHeadKeeper({
    trust,
    logKey,
    letterbox: archive.client("append"),
    witnesses: [witnessClient(witness)],
    frontierAt: (log, size) => frontierAt(pool, log, size),
    leaves: (log, after, size) => readLeaves(pool, log, after, size),
    everyMs: 3_600_000,
    onCosigned: (log, size) => cosigned[log].push(size),
  });
  const recipients = archive.recipients(trust);
  const letterbox = archive.client("append");
  const sealing: ArchiverParts = { trust, pool, keyRing, letterbox, logKey, recipients, onTaken: keeper.taken };
  return {
    archive,
    server,
    databaseUrl: postgres.url,
    tablet,
    keyRing,
    superuser,
    logKey,
    witness,
    cosigned,
    write: async (records) => {
      for (let i = 0; i < records; i++) {
        const chain = testChain();
        await push(server, tablet, await runOf(tablet, chain, incident, note("one"), note("two")));
        await pull(server, tablet, chain.recordId);
      }
    },
    seal: async () => {
      await sealEverything(sealing);
      await keeper.publish();
    },
    verify: async (more = {}) =>
      verifyTrust({
        url,
        trust,
        keyRing,
        logKeys: archive.logKeys(trust),
        witnesses: [witnessClient(witness).key],
        letterbox: archive.reader,
        moreHeads: await witnessedHeads([witness]),
        graceMs: 0,
        ...more,
      }),
    remove: async () => {
      await keeper.close();
      await pool.end();
      await superuser.end();
      await server.remove();
      await archive.remove();
      await postgres.stop();
    },
  };
};

/** Steps of a few records each, quarantined bytes, an ended record and people's acts at the desk among them. */
export const fillProvedBase = async (base: ProvedBase, steps: number): Promise<void> => {
  const { server, tablet } = base;
  for (let step = 0; step < steps; step++) {
    await base.write(2);
    if (step === 1) {
      const stranger = { ...tablet, deviceId: tablet.deviceId.replace(/.$/, (last) => (last === "0" ? "1" : "0")) };
      await push(server, tablet, await runOf(stranger, testChain(), incident));
    }
    if (step === 2) {
      const ended = testChain();
      await push(server, tablet, await runOf(tablet, ended, incident, note("ended")));
      await (await openDisposals(server)).dispose(ended.recordId);
    }
    await enrolTestDevice(server, "care");
    await base.seal();
  }
};

/** What a tablet tells of in a heartbeat. */
export const beat = (
  { server }: ProvedBase,
  { zone, deviceToken: token }: TestDevice,
  counter: number,
  heads: readonly object[],
) =>
  call(server, {
    zone,
    token,
    path: "/identity/v1/heartbeat",
    body: { protocol: 1, counter, answered: counter - 1, page: { at: 0, of: 1 }, heads },
  });
