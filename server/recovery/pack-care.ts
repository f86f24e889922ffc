import type { KeyObject } from "node:crypto";
import { type ArchivedLine, linesOf } from "../archive/segment.ts";
import { bytea, type Column, copyRows, instant, int4, int8, text, uuid } from "../postgres/copy.ts";
import { seal } from "../sealing/trust-key.ts";

/** Lines of care to be put in a database again, and what they are sealed by. */
export interface CareToPack {
  /** What `linesOf` reads. */
  opened: Buffer;
  /** Which of its lines, 0 the first: from one on until before another. */
  from: number;
  until: number;
  /** Record id → its key, of every record in it. */
  keys: ReadonlyMap<string, KeyObject>;
  /**
   * Record id → up to which line it was disposed of: the archive keeps those bytes until its lock ends, and no server takes them up again.
   */
  ended: ReadonlyMap<string, number>;
}
/** Rows of `care_line`, as `copyIn` takes them under `careColumns`. */
export interface PackedCare {
  rows: Uint8Array<ArrayBuffer>[];
  /** The records whose keys sealed something. */
  sealedFor: string[];
}

/** Seals each line and writes its row: one after the other, so that none is held for longer than that takes. */
export const packCare = ({ opened, from, until, keys, ended }: CareToPack): PackedCare => {
  const sealedFor = new Set<string>();
  const sealed = ({ bytes, recordId, position, hash }: ArchivedLine): Buffer => {
    if (bytes === null || position <= (ended.get(recordId!) ?? 0)) return noBytes;
    sealedFor.add(recordId!);
    return seal(keys.get(recordId!)!, bytes, Buffer.from(hash, "hex"));
  };
  const rows = [...copyRows([...clearColumns, bytea("sealed", sealed)], linesOf(opened, from, until))];
  return { rows, sealedFor: [...sealedFor] };
};

/** Stands for bytes whose key was destroyed, and which nobody could read even where they were. */
const noBytes = Buffer.alloc(0);

const clearColumns: readonly Column<ArchivedLine>[] = [
  int8("position", ({ position }) => position),
  int4("epoch", ({ epoch }) => epoch),
  instant("received", ({ received }) => Date.parse(received)),
  uuid("device_id", ({ deviceId }) => deviceId),
  uuid("record_id", ({ recordId }) => recordId!),
  int4("n", ({ n }) => n ?? null),
  uuid("entry_id", ({ entryId }) => entryId ?? null),
  bytea("hash", ({ hash }) => Buffer.from(hash, "hex")),
  text("signature", ({ signature }) => signature),
  text("quarantine", ({ quarantine }) => quarantine ?? null),
];
export const careColumns: readonly string[] = [...clearColumns.map(({ name }) => name), "sealed"];
