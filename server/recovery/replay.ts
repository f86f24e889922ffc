import type pg from "pg";
import type { LogName } from "#defence/log/line.ts";
import type { ArchivedLine } from "../archive/segment.ts";
import type { Access } from "../logs/access-line.ts";
import { notedMs, offlineMs } from "../logs/access-line.ts";
import { readControlLine } from "../logs/control-log.ts";
import { byteas, int4s, int8s, texts, timestamps, uuids } from "../postgres/binary-array.ts";
import { copyIn } from "../postgres/copy.ts";
import { projectSubjects } from "../projection/project-subjects.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { type CareKeys, loadCareKeys, storeKeys } from "./care-keys.ts";
import { careColumns, type PackedCare, packCare } from "./pack-care.ts";
import { adoptedLines, type OpenedSegment, recordIdsOf } from "./segments.ts";

/**
 * Puts lines of the archive into a database as they stood: at their own positions, epochs and times, sealed anew under this server's
 * own keys. `client` is the owner's, in a transaction; the lines are checked already and come in order. Projections are made afterwards.
 */

/** All lines of a segment. */
export const replaySegment = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  log: LogName,
  segment: OpenedSegment,
): Promise<void> => {
  if (log === "care") {
    const recordIds = recordIdsOf(segment);
    const keys = await loadCareKeys(client, keyRing, recordIds);
    const { ended } = keys;
    const care = { opened: segment.opened, from: 0, until: segment.count, keys: keys.of(recordIds), ended };
    const packed = packCare(care);
    await replayCare(client, packed, keys.used(packed.sealedFor));
  } else await replayLines(client, keyRing, log, [...adoptedLines(segment)]);
  await moveHead(client, log, segment.cursor.frontier.size, segment.segment.header.epoch);
};

export const moveHead = async (client: pg.ClientBase, log: LogName, last: number, epoch: number): Promise<void> => {
  await client.query("UPDATE log_head SET position = $2, epoch = $3 WHERE log = $1", [log, last, epoch]);
};

/** `used`: keys that sealed lines of it and are new. */
export const replayCare = async (
  client: pg.ClientBase,
  packed: PackedCare,
  used: ReturnType<CareKeys["used"]>,
): Promise<void> => {
  await copyIn(client, "care_line", careColumns, packed.rows);
  await storeKeys(client, used);
};

export const replayLines = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  log: Exclude<LogName, "care">,
  lines: readonly ArchivedLine[],
): Promise<void> => {
  await inserts[log](client, keyRing, lines);
  // What it says of records that ended holds for the lines of care that come after.
  if (log === "control") await projectSubjects(client, keyRing);
};

const common = (lines: readonly ArchivedLine[]) =>
  [
    int8s(lines.map(({ position }) => position)),
    int4s(lines.map(({ epoch }) => epoch)),
    timestamps(lines.map(({ received }) => new Date(received))),
    uuids(lines.map(({ deviceId }) => deviceId)),
    byteas(lines.map(({ hash }) => Buffer.from(hash, "hex"))),
  ] as const;

type Insert = (client: pg.ClientBase, keyRing: KeyRing, lines: readonly ArchivedLine[]) => Promise<void>;

const insertAccess: Insert = async (client, keyRing, lines) => {
  const accesses = lines.map(({ bytes }) => JSON.parse(bytes!.toString()) as Access);
  await client.query(
    `INSERT INTO access_line (position, epoch, received, device_id, hash, user_id, session_id, action, record_ids, given_id,
       offline_at, noted_at, sealed)
     SELECT a.position, a.epoch, a.received, a.device_id, a.hash, a.user_id, a.session_id, a.action, a.record_ids::uuid[], a.given_id,
       to_timestamp(a.offline_ms / 1000.0), to_timestamp(a.noted_ms / 1000.0), a.sealed
     FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::uuid[], $5::bytea[], $6::text[], $7::uuid[], $8::text[], $9::text[],
       $10::uuid[], $11::bigint[], $12::bigint[], $13::bytea[])
       AS a (position, epoch, received, device_id, hash, user_id, session_id, action, record_ids, given_id, offline_ms, noted_ms,
         sealed)`,
    [
      ...common(lines),
      texts(accesses.map(({ person }) => person?.userId ?? null)),
      uuids(accesses.map(({ sessionId }) => sessionId ?? null)),
      texts(accesses.map(({ action }) => action)),
      texts(accesses.map(({ recordIds }) => `{${recordIds.join(",")}}`)),
      uuids(lines.map(({ givenId }) => givenId ?? null)),
      int8s(accesses.map(offlineMs)),
      int8s(accesses.map(notedMs)),
      byteas(lines.map(({ bytes, hash }) => keyRing.sealBytes("access", bytes!, hash))),
    ],
  );
};

const insertControl: Insert = async (client, keyRing, lines) => {
  const changes = lines.map(({ bytes }) => readControlLine(bytes!.toString()));
  await client.query(
    `INSERT INTO control_line (position, epoch, received, device_id, hash, kind, subject_id, sealed)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::uuid[], $5::bytea[], $6::text[], $7::text[], $8::bytea[])`,
    [
      ...common(lines),
      texts(changes.map((change) => change?.kind ?? null)),
      texts(changes.map((change) => change?.id ?? null)),
      byteas(lines.map(({ bytes, hash }) => keyRing.sealBytes("control", bytes!, hash))),
    ],
  );
};

const inserts = { access: insertAccess, control: insertControl };
