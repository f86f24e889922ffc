import { join } from "node:path";
import type pg from "pg";
import type { ServerConfig } from "../config.ts";
import type { PokeBus } from "../live/poke-bus.ts";
import { type ControlLog, createControlLog } from "../logs/control-log.ts";
import { openLocalJournal } from "../logs/local-journal.ts";
import type { Cluster } from "../postgres/cluster.ts";
import { catchUpSubjects } from "../projection/project-subjects.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { readOnlyControlLog } from "../standby/read-only-control-log.ts";
import { createAuthenticate } from "./authenticate.ts";
import { type ConnectionTokens, createConnectionTokens } from "./connection-tokens.ts";
import { type Connections, openConnections } from "./connections.ts";
import { type Devices, openDevices } from "./devices.ts";
import { createProofs, type Proofs } from "./dpop.ts";
import { createEnrolment } from "./enrolment.ts";
import type { Identity } from "./identity.ts";
import { type Inbox, openInbox } from "./inbox.ts";
import { type Issuer, openIssuer } from "./issuer.ts";
import { personKinds } from "./people.ts";
import { createPinTries } from "./pin-tries.ts";
import { openRestrictedRecords, type RestrictedRecords } from "./restricted-records.ts";
import { admitOpenings, openingsInJournal, openingsInLog } from "./sealed-openings.ts";
import { demonstrationIssuer, seedDemonstration } from "./seed-demonstration.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";
import { openSiteKeys, type SiteKeys } from "./site-keys.ts";
import { createToldPeople, type ToldPeople } from "./told-people.ts";
import { createUsedOnce } from "./used-once.ts";

/** Who is who in one cell: what the control log says of devices, people and records, and how callers prove themselves. */
export interface IdentityParts {
  identity: Identity;
  devices: Devices;
  /** What every zone reads of people, devices and settings, and writes of a device or person for itself. */
  identityLog: ControlLog;
  /** Signs what the trust says of its devices and people. */
  issuer: Issuer;
  /** What locked tablets seal to. */
  inbox: Inbox;
  /** What films for sites are sealed to. */
  siteKeys: SiteKeys;
  /** Who is signed in. */
  sessions: Sessions;
  /** How people prove who they are. */
  signIn: SignIn;
  /** Whom a device may name. */
  toldPeople: ToldPeople;
  /** That a caller holds the key its token is bound to. */
  proofs: Proofs;
  /** The other systems that read FHIR, and how they are given tokens. */
  connections: Connections;
  connectionTokens: ConnectionTokens;
  /** Records that ask nearly everybody for a reason. */
  restricted: RestrictedRecords;
}

export interface OpenIdentityParts {
  config: ServerConfig;
  cluster: Cluster;
  trust: string;
  name: string;
  keyRing: KeyRing;
  /** Connections of holdfast_identity. */
  pool: pg.Pool;
  bus: PokeBus;
  isStandby: boolean;
  onSecurityEvent(event: { code: string; deviceId: string }): void;
  /** For a test that shows what proofs are worth. */
  proofs?: Proofs;
}

/** Brings the subjects up to their log, seeds a demonstration's, and opens what is built on them. */
export const openIdentity = async (parts: OpenIdentityParts): Promise<IdentityParts> => {
  const { config, cluster, trust, name, keyRing, pool, bus, isStandby, onSecurityEvent } = parts;
  // A standby is given its control log by the archive, and publishes no key of its own.
  const ownerUrl = cluster.prepares && !isStandby ? cluster.url(trust, "owner") : undefined;
  if (ownerUrl !== undefined) await catchUpSubjects(ownerUrl, keyRing);
  const itsLog = createControlLog(pool, keyRing, "append_identity");
  const log = isStandby ? readOnlyControlLog(itsLog) : itsLog;
  const { demonstrationPeople: demonstration } = config;
  if (demonstration && ownerUrl !== undefined)
    await seedDemonstration(ownerUrl, keyRing, trust, demonstrationIssuer(config.providerPort));

  const devices = await openDevices(log);
  const refreshDevices = (anew: boolean) => void devices.refresh(anew).catch(() => {});
  bus.on("subject", (kind) => kind === "device" && refreshDevices(false));
  bus.on("found", () => refreshDevices(true));

  const inbox = openInbox(config.dataDirectory, trust, keyRing);
  const issuer = await openIssuer({ dataDirectory: config.dataDirectory, trust, keyRing, log, ownerUrl });
  const siteKeys = await openSiteKeys({ dataDirectory: config.dataDirectory, trust, keyRing, log, ownerUrl });
  const sessions = await createSessions({ pool, keyRing, bus, controlLog: log, onSecurityEvent });
  const usedOnce = createUsedOnce(pool);
  const pinTries = createPinTries(pool);
  const openings = openLocalJournal(join(config.dataDirectory, "journal", `${trust}.sealed-openings`));
  const noteOpening = isStandby ? openingsInJournal(keyRing, openings) : openingsInLog(log);
  const onStuck = () => onSecurityEvent({ code: "access-journal-stuck", deviceId: "" });
  // What this server noted while it was a standby.
  if (ownerUrl !== undefined) await admitOpenings(keyRing, openings, noteOpening, onStuck);
  const noting = { noteOpening, onSecurityEvent };
  const signIn = createSignIn({ trust, issuer, log, keyRing, usedOnce, pinTries, demonstration, ...noting });
  bus.on("subject", (kind) => personKinds.has(kind) && signIn.forgetPeople());
  bus.on("found", signIn.forgetPeople);

  const connections = await openConnections(log, bus);
  return {
    identity: {
      enrol: createEnrolment({ trust, name, keyRing, devices, log, issuer, inbox, siteKeys }),
      authenticate: createAuthenticate(keyRing),
    },
    devices,
    identityLog: log,
    issuer,
    inbox,
    siteKeys,
    sessions,
    signIn,
    toldPeople: createToldPeople(pool, log),
    connections,
    connectionTokens: createConnectionTokens({ connections, usedOnce, nowMs: Date.now }),
    proofs: parts.proofs ?? createProofs(),
    restricted: await openRestrictedRecords(log, bus),
  };
};
