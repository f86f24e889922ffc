import { createHash, randomBytes } from "node:crypto";
import type { Purpose } from "#defence/access/words.ts";
import type { ShownAccess } from "#protocol/accesses.ts";
import type { Principal } from "../identity/identity.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** Who was given what, and why. Names no patient: the record's id is all that is kept. */
export interface Access {
  /** Undefined for a caller who showed no device, and was refused. */
  deviceId?: string;
  /** Undefined for a device by itself: a wall board, a locked tablet. */
  person?: AccessPerson;
  sessionId?: string;
  zone: string;
  /** What was done: `pull`, `arrivals`, `page-print`, `fhir-read`, `blob`, `enrol`, `open`, `opened-again`, `find`, `find-unanswered`, `break-glass`, `see-access`, `refused`. */
  action: string;
  purpose: Purpose;
  /** How the reader stands to the record: a relation of the policy's, or how the device came to hold it. */
  relation: string;
  recordIds: readonly string[];
  /** The person's own words. */
  reason?: string;
  /** A code or count, never free text of a person. */
  detail?: string;
  /** Of an access that a device made without the server, and told later. */
  offline?: { id: string; at: string };
  /** When the server noted it beside the log, which could not take it then: a standby, or a base without its database. ISO 8601. */
  notedAt?: string;
}

export interface AccessPerson {
  userId: string;
  name: string;
  roles: readonly string[];
  /** How the person was let in. */
  strength?: string;
}

/** A line of an access log. Positions count within an epoch: each life of a server has its own. */
export interface AccessLine extends Access {
  epoch: number;
  position: number;
  /** When the server stored it, ISO 8601. */
  received: string;
}

/** What a caller puts into each of its accesses. */
export const accessor = ({ deviceId, person, sessionId, zone }: Principal) => ({
  deviceId,
  zone,
  ...(person !== undefined && { person }),
  ...(sessionId !== undefined && { sessionId }),
});

/** When a device's own clock says it was, ms since 1970; null for an access that the server saw, or a clock that tells no time. */
export const offlineMs = ({ offline }: Access): number | null => msOf(offline?.at);
/** When a server noted it beside the log, ms since 1970; null for a line that the log took at once. */
export const notedMs = ({ notedAt }: Access): number | null => msOf(notedAt);

const msOf = (instant: string | undefined): number | null => {
  const ms = instant === undefined ? Number.NaN : Date.parse(instant);
  return Number.isNaN(ms) ? null : ms;
};

/** A line as the database and the local journal keep it: sealed, and beside it what the look-ups need, which is ids. */
export interface SealedAccess {
  access: Access;
  hash: Buffer;
  sealed: Buffer;
  /** See migration 0009: stored once, however often it is handed over. */
  givenId: string | null;
}

export const sealAccess = (keyRing: KeyRing, access: Access): SealedAccess => {
  const text = JSON.stringify({ ...access, salt: randomBytes(16).toString("hex") });
  const hash = createHash("sha256").update(text).digest();
  const sealed = keyRing.seal("access", text, hash.toString("hex"));
  return { access, hash, sealed, givenId: access.offline?.id ?? null };
};

/** As the local journal keeps it. */
export const sealNotedAccess = (keyRing: KeyRing, access: Access): { hash: string; sealed: string } => {
  const { hash, sealed } = sealAccess(keyRing, { ...access, notedAt: new Date().toISOString() });
  return { hash: hash.toString("hex"), sealed: sealed.toString("base64") };
};

/** What a sealed line says. Throws if it was not sealed by this key about this hash. */
export const openAccess = (keyRing: KeyRing, hash: Buffer, sealed: Buffer): Access => {
  const { salt: _salt, ...access } = JSON.parse(keyRing.open("access", sealed, hash.toString("hex"))) as Access & {
    salt: string;
  };
  return access;
};

/** A stored line, in these columns. */
export interface AccessRow {
  epoch: number;
  position: string;
  received: Date;
  hash: Buffer;
  sealed: Buffer;
}
export const accessColumns = "epoch, position, received, hash, sealed";
export const accessLine = (keyRing: KeyRing, { epoch, position, received, hash, sealed }: AccessRow): AccessLine => ({
  ...openAccess(keyRing, hash, sealed),
  epoch,
  position: Number(position),
  received: received.toISOString(),
});

/** A line without what only the server needs. */
export const shownAccess = ({ offline, person, sessionId: _session, recordIds, ...line }: AccessLine): ShownAccess => ({
  ...line,
  recordIds: [...recordIds],
  ...(person && { person: { userId: person.userId, name: person.name, roles: [...person.roles] } }),
  ...(offline && { offlineAt: offline.at }),
});
