import pg from "pg";
import { type Decision, decide, type Question } from "#defence/access/policy.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import type { Sequencer } from "#sync/sequencer.ts";
import { type BlobStore, createBlobStore } from "./blobs/blob-store.ts";
import { admitFromStandby } from "./cell/after-standby.ts";
import { openArchiveSide } from "./cell/archive-side.ts";
import type { CellParts } from "./cell/cell-parts.ts";
import { openLife } from "./cell/life.ts";
import { openAccessLog } from "./cell/open-access-log.ts";
import { createSequencers } from "./cell/sequencers.ts";
import { startStandby } from "./cell/start-standby.ts";
import { carryOutDisposals } from "./disposal/carry-out.ts";
import { type DisposedRecords, openDisposedRecords } from "./disposal/disposed-records.ts";
import { createHeartbeats, type Heartbeats } from "./identity/heartbeats.ts";
import { type IdentityParts, openIdentity } from "./identity/open-identity.ts";
import { createRefusals, type Refusals } from "./identity/refusals.ts";
import { createHeldBack, type HeldBack } from "./identity/release.ts";
import { PokeBus } from "./live/poke-bus.ts";
import type { AccessLog } from "./logs/access-log.ts";
import { createCareLog } from "./logs/care-log.ts";
import { type BehindGlass, careReader, crewReader, glassReader, type RecordReader } from "./logs/record-reader.ts";
import type { OutageLister } from "./outages/open-lister.ts";
import { createPaperRuns, type PaperRuns } from "./paper/paper-runs.ts";
import type { DatabaseRole } from "./postgres/cluster.ts";
import { openZonePools, rolesOf, type ZonePools } from "./postgres/zone-pools.ts";
import { createKeyRing, type KeyRing } from "./sealing/key-ring.ts";
import { fileTrustKey } from "./sealing/trust-key.ts";
import type { TimelineReader } from "./timeline/open-timeline.ts";
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
  const recentLines = letterbox ? (await import("./archive/recent-lines.ts")).keepRecentLines() : undefined;
  const store = createCareLog({
    pool: pools.ingest,
    keyRing,
    recentLines,
    onProjectionFailure: () => metrics.projectionFailures.inc({ trust }),
  });
  const { sequencer, released, holding } = createSequencers({ store, devices, standby, onSecurityEvent });
  const access = await openAccessLog(parts, { pools, keyRing, isStandby, onSecurityEvent });
  const ofCrew = crewReader(pools.crew, keyRing);

  let isReplaced = false;
  const onClosed = () => {
    isReplaced = true;
    onSecurityEvent({ code: "epoch-closed", deviceId: "" });
  };
  const archiveSide =
    letterbox && recentLines
      ? await openArchiveSide({ ...parts, letterbox, recentLines, keyRing, pools, bus, onClosed, opened })
      : undefined;
  const disposed = await openDisposedRecords(pools.identity, bus, (recordId) => {
    store.forget(recordId);
    keyRing.forgetRecord(recordId);
  });
  const carryOut = () => carryOutDisposals({ pool: pools.control, keyRing, onDisposed: disposed.refresh });
  // What a stop came before is done now; what cannot be done now, when the database is found again or at the next decision.
  const carryOutHere = async () => (config.zones.includes("control") ? carryOut() : undefined);
  await carryOutHere().catch(() => {});
  bus.on("found", () => void carryOutHere().catch(() => {}));

  const life = await openLife(pools.identity, bus);
  // What is remembered as committed may not be there any more, and must not be acknowledged from memory.
  bus.on("lost", () => store.forget());
  bus.on("found", () => store.forget());
  standby?.start();
  if (!isStandby && cluster.prepares) await admitFromStandby(parts, { keyRing, devices, sequencer });
  return {
    trust,
    name,
    ...who,
    domain: config.domain,
    state: () => ({
      protocol: protocolVersion,
      trust,
      ...life.now(),
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
    prover: archiveSide?.prover,
    isReplaced: () => isReplaced,
    outages: archiveSide?.outages,
    timeline: archiveSide?.timeline,
    hasStandby: config.standbyAt !== undefined,
    witnesses: config.witnesses.length,
    databaseUrl: (role) => cluster.url(trust, role),
    newIncarnation: async () => {
      const owner = new pg.Client({ connectionString: cluster.url(trust, "owner") });
      await owner.connect();
      await owner.query("UPDATE life SET incarnation = gen_random_uuid()");
      await owner.end();
      store.forget();
      await life.refresh();
    },
    close: () => closeAll(opened),
  };
};
