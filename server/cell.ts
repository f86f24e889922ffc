import { hash } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import type { ServerState } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import type { Verdict } from "#sync/check-run.ts";
import { createSequencer, type Sequencer } from "#sync/sequencer.ts";
import { type BlobStore, createBlobStore } from "./blobs/blob-store.ts";
import type { ServerConfig } from "./config.ts";
import { demonstrationIdentity } from "./identity/demonstration-identity.ts";
import { createDevices, isSignedBy } from "./identity/devices.ts";
import type { Identity } from "./identity/identity.ts";
import { demonstrationIssuer, seedDemonstration } from "./identity/seed-demonstration.ts";
import { PokeBus } from "./live/poke-bus.ts";
import { type AccessLog, createAccessLog } from "./logs/access-log.ts";
import { createCareLog } from "./logs/care-log.ts";
import { createControlLog } from "./logs/control-log.ts";
import { openLocalJournal } from "./logs/local-journal.ts";
import { careReader, crewReader, type RecordReader } from "./logs/record-reader.ts";
import type { Metrics } from "./metrics.ts";
import type { Cluster, DatabaseRole } from "./postgres/cluster.ts";
import { catchUpSubjects } from "./projection/project-subjects.ts";
import { createKeyRing, type KeyRing } from "./sealing/key-ring.ts";
import { fileTrustKey } from "./sealing/trust-key.ts";

/** All of one trust's running parts in this process. */
export interface Cell {
  trust: string;
  name: string;
  /** This life of this log, and the server's time. */
  state(): ServerState;
  identity: Identity;
  sequencer: Sequencer;
  access: AccessLog;
  bus: PokeBus;
  blobs: BlobStore;
  keyRing: KeyRing;
  crewReader: RecordReader;
  careReader(siteId: string): RecordReader;
  /** Of these records, those that have any line, whoever may read it. */
  knownRecords(recordIds: readonly string[]): Promise<ReadonlySet<string>>;
  pools: Record<Exclude<DatabaseRole, "owner">, pg.Pool>;
  /** Connection string of one role; the owner's is for commands and tests. */
  databaseUrl(role: DatabaseRole): string;
  /** As after a restore: clients offer their chain heads, and the server asks for what it lacks. */
  newIncarnation(): Promise<void>;
  close(): Promise<void>;
}

export interface CellParts {
  config: ServerConfig;
  cluster: Cluster;
  metrics: Metrics;
  trust: { trust: string; name: string };
  onSecurityEvent(
    trust: string,
    event: { code: string; deviceId: string; recordId: string; n: number; hash: string },
  ): void;
  /** For a test that shows what sealing is worth. */
  keyRing?: KeyRing;
}

const poolSizes = { ingest: 4, identity: 3, crew: 8, care: 6, control: 4 } as const;

export const openCell = async (parts: CellParts): Promise<Cell> => {
  const { config, cluster, metrics } = parts;
  const { trust, name } = parts.trust;
  await cluster.prepare(trust);
  const pool = (role: keyof typeof poolSizes): pg.Pool => {
    const made = new pg.Pool({
      connectionString: cluster.url(trust, role),
      max: poolSizes[role],
      connectionTimeoutMillis: 5_000,
      statement_timeout: 20_000,
      application_name: `holdfast ${role}`,
    });
    // A connection that breaks while idle is replaced; whoever needs one meanwhile is told.
    made.on("error", () => {});
    // The pool listens only while a connection is idle. One that breaks between two statements of a transaction would end
    // the process; whoever holds it learns of the break from its next statement.
    made.on("connect", (client) => void client.on("error", () => {}));
    return made;
  };
  const pools = {
    ingest: pool("ingest"),
    identity: pool("identity"),
    crew: pool("crew"),
    care: pool("care"),
    control: pool("control"),
  };
  const keyRing = parts.keyRing ?? createKeyRing(fileTrustKey(config.dataDirectory, trust));
  await catchUpSubjects(cluster.url(trust, "owner"), keyRing);
  if (config.demonstrationPeople) {
    const issuer = demonstrationIssuer(config.providerPort);
    await seedDemonstration(cluster.url(trust, "owner"), keyRing, trust, issuer);
  }
  const devices = createDevices(createControlLog(pools.identity, keyRing, "append_identity"));
  const store = createCareLog({
    pool: pools.ingest,
    keyRing,
    onProjectionFailure: () => metrics.projectionFailures.inc({ trust }),
  });
  const verify = async (deviceId: string, statement: string, signature: string): Promise<Verdict> => {
    const device = await devices.find(deviceId);
    if (device === undefined) return "unknown-device";
    return isSignedBy(device.publicKey, statement, signature) ? "valid" : "invalid";
  };
  const sequencer = createSequencer({
    store,
    verify,
    hash: (text) => hash("sha256", text, "hex"),
    onSecurityEvent: (event) => {
      metrics.securityEvents.inc({ trust, code: event.code });
      parts.onSecurityEvent(trust, event);
    },
  });
  // Every zone has its own role; the crew's appends the access lines of ingest's events too.
  const journal = openLocalJournal(join(config.dataDirectory, "journal", `${trust}.access`));
  const access = createAccessLog(pools.crew, keyRing, journal);
  await access.drain().catch(() => {});
  const bus = new PokeBus(cluster.url(trust, "ingest"));
  bus.on("subject", (kind, id) => kind === "device" && devices.forget(id));
  await bus.open();

  let life = await readLife(pools.ingest);
  // What is remembered as committed may not be there any more, and must not be acknowledged from memory.
  bus.on("lost", () => store.forget());
  bus.on("found", () => {
    store.forget();
    readLife(pools.ingest).then(
      (now) => {
        life = now;
      },
      // The connection went again; it will be found again.
      () => {},
    );
  });
  return {
    trust,
    name,
    state: () => ({ protocol: protocolVersion, trust, ...life, time: new Date().toISOString() }),
    identity: demonstrationIdentity({ trust, name }, keyRing, devices),
    sequencer,
    access,
    bus,
    blobs: createBlobStore(pools, keyRing, config.blobQuotaBytes),
    keyRing,
    crewReader: crewReader(pools.crew, keyRing),
    careReader: (siteId) => careReader(pools.care, keyRing, siteId),
    knownRecords: async (recordIds) => {
      const text = "SELECT record_id FROM record_head WHERE record_id = ANY ($1::uuid[])";
      const { rows } = await pools.ingest.query<{ record_id: string }>(text, [recordIds]);
      return new Set(rows.map((row) => row.record_id));
    },
    pools,
    databaseUrl: (role) => cluster.url(trust, role),
    newIncarnation: async () => {
      const owner = new pg.Client({ connectionString: cluster.url(trust, "owner") });
      await owner.connect();
      await owner.query("UPDATE life SET incarnation = gen_random_uuid()");
      await owner.end();
      store.forget();
      life = await readLife(pools.ingest);
    },
    close: async () => {
      await bus.close();
      await Promise.all(Object.values(pools).map((each) => each.end()));
    },
  };
};

const readLife = async (pool: pg.Pool): Promise<{ epoch: number; incarnation: string }> => {
  const { rows } = await pool.query<{ epoch: number; incarnation: string }>("SELECT epoch, incarnation FROM life");
  return rows[0]!;
};
