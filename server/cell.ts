import { hash } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import { type Decision, decide, type Question } from "#defence/access/policy.ts";
import type { Rule } from "#defence/access/rules.ts";
import { deviceZones } from "#defence/access/words.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import type { Verdict } from "#sync/check-run.ts";
import { createSequencer, type Sequencer } from "#sync/sequencer.ts";
import type { Archiver } from "./archive/archiver.ts";
import { type BlobStore, createBlobStore } from "./blobs/blob-store.ts";
import { type ServerConfig, SetupProblem } from "./config.ts";
import { carryOutDisposals } from "./disposal/carry-out.ts";
import { type DisposedRecords, openDisposedRecords } from "./disposal/disposed-records.ts";
import { admitHeld } from "./epochs/admit-held.ts";
import { leftOutJournal, noteLeftOut } from "./epochs/left-out.ts";
import { isSignedBy } from "./identity/device-key.ts";
import type { Proofs } from "./identity/dpop.ts";
import { createHeartbeats, type Heartbeats } from "./identity/heartbeats.ts";
import { type IdentityParts, openIdentity } from "./identity/open-identity.ts";
import { createRefusals, type Refusals } from "./identity/refusals.ts";
import { createHeldBack, type HeldBack } from "./identity/release.ts";
import { PokeBus } from "./live/poke-bus.ts";
import { type AccessLog, createAccessLog, createJournalLog } from "./logs/access-log.ts";
import { createCareLog } from "./logs/care-log.ts";
import { type LocalJournal, openLocalJournal } from "./logs/local-journal.ts";
import { keepRecentTexts, type RecentTexts } from "./logs/recent-texts.ts";
import { type BehindGlass, careReader, crewReader, glassReader, type RecordReader } from "./logs/record-reader.ts";
import type { Metrics } from "./metrics.ts";
import type { OutageLister } from "./outages/open-lister.ts";
import { createPaperRuns, type PaperRuns } from "./paper/paper-runs.ts";
import type { Cluster, DatabaseRole } from "./postgres/cluster.ts";
import { openZonePools, rolesOf, type ZonePools } from "./postgres/zone-pools.ts";
import { createKeyRing, type KeyRing } from "./sealing/key-ring.ts";
import { fileTrustKey } from "./sealing/trust-key.ts";
import type { Standby } from "./standby/open-standby.ts";
import { openTimeline, type TimelineReader } from "./timeline/open-timeline.ts";
import type { Prover } from "./verify/open-prover.ts";
import { type CrewScope, createCrewScope } from "./zones/crew/crew-scope.ts";

/** All of one trust's running parts in this process. */
export interface Cell extends IdentityParts {
  trust: string;
  name: string;
  /** The end of its host names: <zone>.<trust>.<domain>. */
  domain: string;
  /** This life of this log, and the server's time. */
  state(): ServerState;
  heartbeats: Heartbeats;
  heldBack: HeldBack;
  /** Transcribed paper forms, from their first hand to their second. */
  paperRuns: PaperRuns;
  onSecurityEvent(event: { code: string; deviceId: string }): void;
  /** Notes tokens and proofs that were refused. */
  refusals: Refusals;
  /** The access policy, as docs/access-policy.md says it. */
  decide(question: Question): Decision;
  crewScope: CrewScope;
  disposed: DisposedRecords;
  /** Ends the records that two people have agreed about. In a process of the control zone. */
  carryOutDisposals(): Promise<void>;
  sequencer: Sequencer;
  access: AccessLog;
  bus: PokeBus;
  blobs: BlobStore;
  keyRing: KeyRing;
  crewReader: RecordReader;
  careReader(siteId: string): RecordReader;
  /** Reads nothing before the access line that says why has committed. */
  glassReader(who: BehindGlass): RecordReader;
  /** Of these records, those that have any line, whoever may read it. */
  knownRecords(recordIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those of this process's zones; to reach for another throws. */
  pools: ZonePools;
  /** Compares the logs with what was proved of them; in a process that seals into the archive. */
  prover: Prover | undefined;
  /** The officers made another server the base: this one is read for forensics alone. */
  isReplaced(): boolean;
  /** Says what each contact of an outage went without; in the same process. */
  outages: OutageLister | undefined;
  /** Who did what, from all three logs; in the same process. */
  timeline: TimelineReader | undefined;
  /** Devices are told where a standby answers. */
  hasStandby: boolean;
  /** How many co-sign the heads of the logs. */
  witnesses: number;
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
  /** An identity or a chain was contradicted; the rest of the event says where. Holds ids only. */
  onSecurityEvent(trust: string, event: { code: string; deviceId: string }): void;
  /** For tests that show what sealing and proofs are worth. */
  keyRing?: KeyRing;
  /** For a test that shows what waiting for the commit is worth, and for the measurement of what it costs. */
  accessLog?: (log: AccessLog) => AccessLog;
  proofs?: Proofs;
  /** For a test that plants a hole in the policy. */
  rules?: readonly Rule[];
}

/** What was opened, to be closed in the opposite order. */
type Opened = (() => Promise<void>)[];
const closeAll = async (opened: Opened): Promise<void> => {
  for (const close of opened.toReversed()) await close();
};

/** Leaves nothing open where it rejects: the process can end, and say why. */
export const openCell = async (parts: CellParts): Promise<Cell> => {
  const opened: Opened = [];
  try {
    return await open(parts, opened);
  } catch (error) {
    await closeAll(opened).catch(() => {});
    throw error;
  }
};

const open = async (parts: CellParts, opened: Opened): Promise<Cell> => {
  const { config, cluster, metrics } = parts;
  const { trust, name } = parts.trust;
  await cluster.prepare(trust);
  const { pools, close: closePools } = openZonePools(rolesOf(config), (role) => cluster.url(trust, role));
  opened.push(closePools);
  const bus = new PokeBus(() => cluster.url(trust, "identity"));
  opened.push(() => bus.close());
  // Before the keys are read: while it is open they do not change.
  await bus.open();
  const keyRing = parts.keyRing ?? createKeyRing(fileTrustKey(config.dataDirectory, trust));
  const onSecurityEvent = (event: { code: string; deviceId: string }): void => {
    metrics.securityEvents.inc({ trust, code: event.code });
    parts.onSecurityEvent(trust, event);
  };
  // Before people and devices are read: the archive brings them.
  const standby = await startStandby(parts, keyRing, pools.identity);
  if (standby) opened.push(standby.close);
  const isStandby = standby !== undefined;
  const who = await openIdentity({
    ...parts,
    trust,
    name,
    keyRing,
    pool: pools.identity,
    bus,
    isStandby,
    onSecurityEvent,
  });
  const { devices } = who;
  opened.push(async () => devices.close());
  // A standby seals nothing; one that was made the base seals to the letterbox that fed it.
  const letterbox = isStandby ? undefined : (config.letterbox ?? config.standby?.letterbox);
  const recentTexts = letterbox ? keepRecentTexts() : undefined;
  const store = createCareLog({
    pool: pools.ingest,
    keyRing,
    recentTexts,
    onProjectionFailure: () => metrics.projectionFailures.inc({ trust }),
  });
  /** Which signatures count; `released`: the desk has decided to take a revoked device's word. */
  const verify =
    (released: boolean) =>
    async (deviceId: string, statement: string, signature: string): Promise<Verdict> => {
      const device = await devices.find(deviceId);
      if (device === undefined) return "unknown-device";
      if (!isSignedBy(device.publicKey, statement, signature)) return "invalid";
      return released || device.state === "active" ? "valid" : "revoked-device";
    };
  const sequencing = { store, hash: (text: string) => hash("sha256", text, "hex"), onSecurityEvent };
  const sequencer = standby
    ? standby.sequencerOf({ ...sequencing, verify: verify(false) })
    : createSequencer({ ...sequencing, verify: verify(false) });
  const released = createSequencer({ ...sequencing, verify: verify(true) });
  const holding = createSequencer({
    ...sequencing,
    verify: async (...signed) => {
      const verdict = await verify(false)(...signed);
      return verdict === "valid" ? "awaiting-check" : verdict;
    },
  });
  // Every zone has a role of its own; the first of this process's appends for the others. A journal has one process.
  const appends = deviceZones.find((zone) => config.zones.includes(zone)) ?? "crew";
  const journalName = appends === "crew" ? `${trust}.access` : `${trust}.${appends}.access`;
  const journalPath = join(config.dataDirectory, "journal", journalName);
  const kept = standby
    ? createJournalLog(keyRing, openLocalJournal(journalPath, standbyJournalBytesMax), () => pools.care)
    : createAccessLog(pools[appends], keyRing, openLocalJournal(journalPath));
  const access = parts.accessLog?.(kept) ?? kept;
  await access.drain().catch(() => {});
  const ofCrew = crewReader(pools.crew, keyRing);

  let isReplaced = false;
  const onClosed = () => {
    isReplaced = true;
    onSecurityEvent({ code: "epoch-closed", deviceId: "" });
  };
  const archiver =
    letterbox && recentTexts
      ? await startArchiving({ ...parts, letterbox, recentTexts, onClosed }, pools.archive, keyRing)
      : undefined;
  if (archiver) opened.push(archiver.close);
  const prover = letterbox ? await startProving({ ...parts, letterbox }, pools, keyRing) : undefined;
  if (prover) opened.push(prover.close);
  const outages = letterbox ? await startListing(parts, pools, keyRing) : undefined;
  const disposed = await openDisposedRecords(pools.identity, bus, (recordId) => {
    store.forget(recordId);
    keyRing.forgetRecord(recordId);
    recentTexts?.forget(recordId);
  });
  const carryOut = () => carryOutDisposals({ pool: pools.control, keyRing, onDisposed: disposed.refresh });
  // What a stop came before is done now; what cannot be done now, when the database is found again or at the next decision.
  const carryOutHere = async () => (config.zones.includes("control") ? carryOut() : undefined);
  await carryOutHere().catch(() => {});
  bus.on("found", () => void carryOutHere().catch(() => {}));

  let life: Life = await readLife(pools.identity);
  const readLifeAgain = () =>
    readLife(pools.identity).then(
      (now) => {
        life = now;
      },
      // The connection went again; it will be found again.
      () => {},
    );
  bus.on("archived", readLifeAgain);
  // What is remembered as committed may not be there any more, and must not be acknowledged from memory.
  bus.on("lost", () => {
    store.forget();
    const { archived: _, ...rest } = life;
    life = rest;
  });
  bus.on("found", () => {
    store.forget();
    void readLifeAgain();
  });
  standby?.start();
  // What this server held while it was a standby.
  if (!isStandby && cluster.prepares) {
    const url = cluster.url(trust, "owner");
    await admitHeld({ url, keyRing, devices, sequencer });
    await noteLeftOutHere(url, keyRing, leftOutJournal(config.dataDirectory, trust));
  }
  return {
    trust,
    name,
    ...who,
    domain: config.domain,
    state: () => ({
      protocol: protocolVersion,
      trust,
      ...life,
      time: new Date().toISOString(),
      ...(standby && { standby: { asOf: standby.asOf() } }),
    }),
    heartbeats: createHeartbeats({ identity: pools.identity, ingest: pools.ingest, devices, onSecurityEvent }),
    heldBack: createHeldBack({ pool: pools.ingest, keyRing, devices, sequencer: released }),
    paperRuns: createPaperRuns({ pool: pools.ingest, keyRing, holding, admitting: released }),
    onSecurityEvent,
    refusals: createRefusals({ access, onSecurityEvent }),
    decide: (question) => decide(question, parts.rules),
    crewScope: createCrewScope({
      pool: () => pools.crew,
      reader: () => ofCrew,
      zoneOf: async (deviceId) => (await devices.find(deviceId))?.zone,
      restricted: who.restricted,
    }),
    disposed,
    carryOutDisposals: carryOut,
    sequencer,
    access,
    bus,
    blobs: createBlobStore(pools, keyRing, config.blobQuotaBytes),
    keyRing,
    crewReader: ofCrew,
    careReader: (siteId) => careReader(pools.care, keyRing, siteId),
    glassReader: (who) => glassReader(pools.care, keyRing, who),
    knownRecords: async (recordIds) => {
      const text = "SELECT record_id FROM record_head WHERE record_id = ANY ($1::uuid[])";
      const { rows } = await pools.ingest.query<{ record_id: string }>(text, [recordIds]);
      return new Set(rows.map((row) => row.record_id));
    },
    pools,
    prover,
    isReplaced: () => isReplaced,
    outages,
    timeline: letterbox ? openTimeline(() => cluster.url(trust, "archive"), keyRing) : undefined,
    hasStandby: config.standbyAt !== undefined,
    witnesses: config.witnesses.length,
    databaseUrl: (role) => cluster.url(trust, role),
    newIncarnation: async () => {
      const owner = new pg.Client({ connectionString: cluster.url(trust, "owner") });
      await owner.connect();
      await owner.query("UPDATE life SET incarnation = gen_random_uuid()");
      await owner.end();
      store.forget();
      life = await readLife(pools.identity);
    },
    close: () => closeAll(opened),
  };
};

/** What a promotion or a restore left out of the control log, for review. */
const noteLeftOutHere = async (url: string, keyRing: KeyRing, journal: LocalJournal): Promise<void> => {
  if (!journal.holds()) return;
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: "holdfast promote" });
  try {
    await noteLeftOut(keyRing, journal, pool);
  } finally {
    await pool.end();
  }
};

/** Loaded where it is used: the libraries that seal are no small part of an idle server. */
const startArchiving = async (
  parts: CellParts & { letterbox: string; recentTexts: RecentTexts; onClosed(): void },
  pool: pg.Pool,
  keyRing: KeyRing,
): Promise<Archiver> => {
  const { openArchiver } = await import("./archive/open-archiver.ts");
  return openArchiver({ ...parts, pool, keyRing });
};

/** Undefined for a base; one that was a standby until the officers made it the base is one. */
const startStandby = async (parts: CellParts, keyRing: KeyRing, pool: pg.Pool): Promise<Standby | undefined> => {
  const { config, cluster, metrics } = parts;
  const { trust } = parts.trust;
  const { rows } = await pool.query<{ mode: string; epoch: number }>("SELECT mode, epoch FROM life");
  const { mode, epoch } = rows[0]!;
  if (config.standby === undefined && mode === "standby")
    throw new SetupProblem(
      "is-a-standby",
      `The data in ${config.dataDirectory} is a standby's: of ${trust} it gives no places in the log.`,
      "run `holdfast standby`; `holdfast promote` makes it the base, by two officers' signatures.",
    );
  const isPromoted = mode === "base" && epoch > 1;
  if (config.standby === undefined || isPromoted) return undefined;
  const { openStandby } = await import("./standby/open-standby.ts");
  return openStandby({
    trust,
    keyRing,
    url: cluster.url(trust, "owner"),
    dataDirectory: config.dataDirectory,
    letterbox: config.standby.letterbox,
    onFault: (log, fault) => metrics.standbyFaults.inc({ trust, log, fault }),
    cluster,
    onRehearsed: ({ ranAt, good }) => {
      metrics.rehearsalTime.set({ trust }, Date.parse(ranAt) / 1_000);
      metrics.rehearsalFailed.set({ trust }, good ? 0 : 1);
    },
  });
};

/** Of a standby, whose every access waits there until it is the base: bytes. */
const standbyJournalBytesMax = 2_000_000_000;

const startProving = async (
  parts: CellParts & { letterbox: string },
  pools: ZonePools,
  keyRing: KeyRing,
): Promise<Prover> => {
  const { openProver } = await import("./verify/open-prover.ts");
  const url = () => parts.cluster.url(parts.trust.trust, "archive");
  const { archive: pool, identity } = pools;
  return openProver({ ...parts, url, pool, identity, keyRing });
};

const startListing = async (
  { cluster, trust: { trust } }: CellParts,
  { archive: pool, identity }: ZonePools,
  keyRing: KeyRing,
): Promise<OutageLister> => {
  const { openLister } = await import("./outages/open-lister.ts");
  return openLister({ url: () => cluster.url(trust, "archive"), pool, identity, keyRing });
};

type Life = Pick<ServerState, "epoch" | "incarnation" | "archived">;

/** With how far the archive is, which counts in this life alone: the row is written after the letterbox took the segment. */
const readLife = async (pool: pg.Pool): Promise<Life> => {
  const { rows } = await pool.query<{ epoch: number; incarnation: string; archived: string }>(
    `SELECT epoch, incarnation,
       coalesce((SELECT position FROM archive_mark WHERE log = 'care'), 0) AS archived FROM life`,
  );
  const { epoch, incarnation, archived } = rows[0]!;
  return { epoch, incarnation, archived: Number(archived) };
};
