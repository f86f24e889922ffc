import { createHash, randomBytes } from "node:crypto";
import type pg from "pg";
import * as z from "zod/mini";
import { byteas, int8s, texts } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** What the control log knows. A line holds the whole new state of one subject; its last line is what it is now. */
export type SubjectKind =
  | "device"
  | "person"
  | "passkey"
  /** A person's own, for tablets. Subject id: the user id. */
  | "pin"
  /** The name that the trust's provider knows a person by. Subject id: the user id. */
  | "provider-link"
  | "enrolment-code"
  | "break-glass"
  | "connection"
  | "site"
  | "site-key"
  | "setting"
  | "record"
  | "review"
  | "paper-pack"
  | "paper-form"
  | "paper-machine"
  | "notice"
  /** What a second person has to agree to. */
  | "proposal"
  /** What the last proof of the logs found. */
  | "proof"
  /** A time without the base, as the desk says it was. */
  | "outage"
  /** What one contact went without in it, and what somebody made of that. */
  | "outage-contact"
  /** A change that did not happen: it came after the line that an epoch or a restore goes on from. Subject id: its line's hash. */
  | "left-out"
  /** How an epoch was opened, by the officers' signatures. Subject id: its number. */
  | "epoch";

/** Who changed something: a person at the desk, a device for itself, or the server as it was set up. */
export interface Actor {
  userId?: string;
  deviceId?: string;
}

export interface ControlChange {
  kind: SubjectKind;
  id: string;
  /** Of a screen's device: row-level security needs it beside the sealed state. */
  siteId?: string | undefined;
  /** JSON. Validated by whoever reads the kind; see server/identity/subjects.ts. */
  state: Record<string, unknown>;
  by: Actor;
  /** Why, in the words of whoever did it. */
  reason?: string;
  /** The position that the subject's last line must have, 0 for a new subject. Undefined: whatever it is. */
  expected?: number;
}

export interface Subject {
  kind: SubjectKind;
  id: string;
  position: number;
  changed: Date;
  state: Record<string, unknown>;
}

/** One line of a subject's history, oldest first. */
export interface ControlLine extends Subject {
  by: Actor;
  reason: string | undefined;
}

/** Somebody changed the subject first. Nothing was written: read it again, and decide again. */
export class StaleSubject extends Error {
  constructor() {
    super("The subject was changed meanwhile.");
    this.name = "StaleSubject";
  }
}

export interface ControlLog {
  /** All or none, in one commit. Resolves to the first line's position; rejects with StaleSubject, having changed nothing. */
  append(changes: readonly ControlChange[]): Promise<number>;
  find(kind: SubjectKind, id: string): Promise<Subject | undefined>;
  /** In order of id. */
  all(kind: SubjectKind): Promise<Subject[]>;
  /** Those whose last line is after a position, oldest change first. */
  changedAfter(kind: SubjectKind, position: number): Promise<Subject[]>;
  /** Position of the last line of this kind, 0 for none: whether anything changed, with no state opened. */
  newest(kind: SubjectKind): Promise<number>;
  history(kind: SubjectKind, id: string): Promise<ControlLine[]>;
}

/** The functions that append; each database role may call one. */
export type AppendFunction = "append_control" | "append_identity" | "append_proof";

const line = z.object({
  kind: z.string(),
  id: z.string(),
  siteId: z.optional(z.string()),
  state: z.record(z.string(), z.unknown()),
  by: z.object({ userId: z.optional(z.string()), deviceId: z.optional(z.string()) }),
  reason: z.optional(z.string()),
});
/** The first version wrote a device's enrolment so. */
const firstEnrolment = z.object({
  type: z.literal("device-enrolled"),
  deviceId: z.string(),
  publicKey: z.unknown(),
  name: z.string(),
  zone: z.string(),
  siteId: z.optional(z.string()),
});

/** A control line's text as a change, whichever version wrote it; null for one that this version does not know. */
export const readControlLine = (text: string): ControlChange | null => {
  const value: unknown = JSON.parse(text);
  const read = line.safeParse(value);
  if (read.success) return read.data as ControlChange;
  const first = firstEnrolment.safeParse(value);
  if (!first.success) return null;
  const { type: _type, deviceId, siteId, ...rest } = first.data;
  const state = { ...rest, ...(siteId !== undefined && { siteId }) };
  return { kind: "device", id: deviceId, siteId, state, by: { deviceId } };
};

/** What a subject's row is sealed with, so that it cannot be moved to another subject. */
export const aboutSubject = (kind: string, id: string): string => `${kind}\n${id}`;
export const sealSubject = (keyRing: KeyRing, { kind, id, state }: ControlChange): Buffer =>
  keyRing.seal("subject", JSON.stringify(state), aboutSubject(kind, id));

/** The eight parameters that every function takes which appends control lines. */
export const controlParameters = (changes: readonly ControlChange[], keyRing: KeyRing): (Buffer | string | null)[] => {
  const lines = changes.map(({ expected: _expected, ...change }) => {
    const text = JSON.stringify({ ...change, salt: randomBytes(16).toString("hex") });
    const hash = createHash("sha256").update(text).digest();
    return { hash, sealed: keyRing.seal("control", text, hash.toString("hex")) };
  });
  return [
    changes[0]?.by.deviceId ?? null,
    texts(changes.map(({ kind }) => kind)),
    texts(changes.map(({ id }) => id)),
    texts(changes.map(({ siteId }) => siteId ?? null)),
    int8s(changes.map(({ expected }) => expected ?? null)),
    byteas(lines.map(({ hash }) => hash)),
    byteas(lines.map(({ sealed }) => sealed)),
    byteas(changes.map((change) => sealSubject(keyRing, change))),
  ];
};

interface SubjectRow {
  kind: SubjectKind;
  subject_id: string;
  position: string;
  changed: Date;
  sealed: Buffer;
}

export const createControlLog = (pool: pg.Pool, keyRing: KeyRing, appendFunction: AppendFunction): ControlLog => {
  const opened = (row: SubjectRow): Subject => ({
    kind: row.kind,
    id: row.subject_id,
    position: Number(row.position),
    changed: row.changed,
    state: JSON.parse(keyRing.open("subject", row.sealed, aboutSubject(row.kind, row.subject_id))),
  });
  const columns = "kind, subject_id, position, changed, sealed";

  return {
    append: async (changes) => {
      const { rows } = await pool.query<{ outcome: string; first_position: string }>({
        name: appendFunction,
        text: `SELECT outcome, first_position FROM ${appendFunction}(
          $1::uuid, $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[])`,
        values: controlParameters(changes, keyRing),
      });
      if (rows[0]?.outcome !== "committed") throw new StaleSubject();
      return Number(rows[0].first_position);
    },
    find: async (kind, id) => {
      const text = `SELECT ${columns} FROM subject WHERE kind = $1 AND subject_id = $2`;
      const { rows } = await pool.query<SubjectRow>({ name: "subject", text, values: [kind, id] });
      return rows[0] && opened(rows[0]);
    },
    all: async (kind) => {
      const text = `SELECT ${columns} FROM subject WHERE kind = $1 ORDER BY subject_id`;
      const { rows } = await pool.query<SubjectRow>({ name: "subjects", text, values: [kind] });
      return rows.map(opened);
    },
    changedAfter: async (kind, position) => {
      const text = `SELECT ${columns} FROM subject WHERE kind = $1 AND position > $2 ORDER BY position`;
      const { rows } = await pool.query<SubjectRow>({ name: "subjects-after", text, values: [kind, position] });
      return rows.map(opened);
    },
    newest: async (kind) => {
      const text = "SELECT max(position) AS position FROM subject WHERE kind = $1";
      const { rows } = await pool.query<{ position: string | null }>({ name: "newest-subject", text, values: [kind] });
      return Number(rows[0]?.position ?? 0);
    },
    history: async (kind, id) => {
      const { rows } = await pool.query<{ position: string; received: Date; hash: Buffer; sealed: Buffer }>({
        name: "control-history",
        text: "SELECT position, received, hash, sealed FROM control_line WHERE kind = $1 AND subject_id = $2 ORDER BY position",
        values: [kind, id],
      });
      return rows.map(({ position, received, hash, sealed }) => {
        const change = readControlLine(keyRing.open("control", sealed, hash.toString("hex")))!;
        return {
          kind,
          id,
          position: Number(position),
          changed: received,
          state: change.state,
          by: change.by,
          reason: change.reason,
        };
      });
    },
  };
};
