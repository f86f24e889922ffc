import { createHash, randomBytes } from "node:crypto";
import type pg from "pg";
import { byteas, uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { GroupWriter } from "./group-writer.ts";
import type { LocalJournal } from "./local-journal.ts";

/** Who was given what, and why. Names no patient: the record's id is all that is kept. */
export interface Access {
  deviceId: string;
  zone: string;
  /** What was done: `pull`, `arrivals`, `page`, `fhir-read`, `blob`, `enrol`, `refused`. */
  action: string;
  purpose: "direct-care" | "sign-in" | "security";
  /** How the reader stands to the record, such as `author`, `site` or `followed`. */
  relation: string;
  recordIds: readonly string[];
  /** A code or count, never free text of a person. */
  detail?: string;
}

export interface AccessLog {
  /**
   * Resolves once the line is durable; only then may data leave. When the database cannot take it, a direct-care read of
   * one record is written to the local journal; anything else rejects.
   */
  write(access: Access): Promise<void>;
  /** Appends what the journal kept. Called at start and after each write that went through. */
  drain(): Promise<void>;
}

const groupMax = 500;
const waitingMax = 20_000;

interface Sealed {
  deviceId: string;
  hash: Buffer;
  sealed: Buffer;
}

export const createAccessLog = (pool: pg.Pool, keyRing: KeyRing, journal: LocalJournal): AccessLog => {
  const append = async (lines: readonly Sealed[]): Promise<undefined[]> => {
    const values = [
      uuids(lines.map((line) => line.deviceId)),
      byteas(lines.map((line) => line.hash)),
      byteas(lines.map((line) => line.sealed)),
    ];
    const text = "SELECT at_epoch FROM append_access($1::uuid[], $2::bytea[], $3::bytea[])";
    await pool.query({ name: "append-access", text, values });
    return lines.map(() => undefined);
  };
  const writer = new GroupWriter<Sealed, undefined>(append, groupMax, waitingMax);

  const sealLine = (access: Access): Sealed => {
    const text = JSON.stringify({ ...access, salt: randomBytes(16).toString("hex") });
    const hash = createHash("sha256").update(text).digest();
    return { deviceId: access.deviceId, hash, sealed: keyRing.seal("access", text, hash.toString("hex")) };
  };

  const drain = () =>
    journal.drain(async (kept) => {
      await append(
        kept.map((line) => ({
          ...line,
          hash: Buffer.from(line.hash, "hex"),
          sealed: Buffer.from(line.sealed, "base64"),
        })),
      );
    });

  return {
    write: async (access) => {
      const line = sealLine(access);
      try {
        await writer.add(line);
      } catch (error) {
        if (access.purpose !== "direct-care" || access.recordIds.length !== 1) throw error;
        await journal.add({
          deviceId: line.deviceId,
          hash: line.hash.toString("hex"),
          sealed: line.sealed.toString("base64"),
        });
        return;
      }
      if (journal.holds()) await drain().catch(() => {});
    },
    drain,
  };
};
