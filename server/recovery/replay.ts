import type pg from "pg";
import type { LogName } from "#defence/log/line.ts";
import type { ArchivedLine } from "../archive/segment.ts";
import type { Access } from "../logs/access-line.ts";
import { notedMs, offlineMs } from "../logs/access-line.ts";
import { readControlLine } from "../logs/control-log.ts";
import { byteas, int4s, int8s, texts, timestamps, uuids } from "../postgres/binary-array.ts";
import { projectSubjects } from "../projection/project-subjects.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/**
 * Puts lines of the archive into a database as they stood: at their own positions, epochs and times, sealed anew under this server's
 * own keys. `client` is the owner's, in a transaction; the lines are checked already and come in order. Projections are made afterwards.
 */
export const replayLines = async (
  client: pg.Client,
  keyRing: KeyRing,
  log: LogName,
  lines: readonly ArchivedLine[],
): Promise<void> => {
  const last = lines.at(-1);
  if (last === undefined) return;
  await inserts[log](client, keyRing, lines);
  // What it says of records that ended holds for the lines of care that come after.
  if (log === "control") await projectSubjects(client, keyRing);
  await client.query("UPDATE log_head SET position = $2, epoch = $3 WHERE log = $1", [log, last.position, last.epoch]);
};

const common = (lines: readonly ArchivedLine[]) =>
  [
    int8s(lines.map(({ position }) => position)),
    int4s(lines.map(({ epoch }) => epoch)),
    timestamps(lines.map(({ received }) => new Date(received))),
    uuids(lines.map(({ deviceId }) => deviceId)),
    byteas(lines.map(({ hash }) => Buffer.from(hash, "hex"))),
  ] as const;

type Insert = (client: pg.Client, keyRing: KeyRing, lines: readonly ArchivedLine[]) => Promise<void>;

/** Stands for bytes whose key was destroyed, and which nobody could read even where they were. */
const noBytes = Buffer.alloc(0);

const insertCare: Insert = async (client, keyRing, lines) => {
  const ended = await disposedThrough(client, lines);
  const isGone = ({ text, recordId, position }: ArchivedLine) =>
    text === null || position <= (ended.get(recordId!) ?? 0);
  const keys = await recordKeys(
    client,
    keyRing,
    lines.filter((line) => !isGone(line)),
  );
  const seals = lines.map((line) =>
    isGone(line) ? noBytes : keys.get(line.recordId!)!.seal(Buffer.from(line.text!), Buffer.from(line.hash, "hex")),
  );
  await client.query(
    `INSERT INTO care_line (position, epoch, received, device_id, hash, record_id, n, signature, quarantine, entry_id, sealed)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::uuid[], $5::bytea[], $6::uuid[], $7::int[], $8::text[],
       $9::text[], $10::uuid[], $11::bytea[])`,
    [
      ...common(lines),
      uuids(lines.map(({ recordId }) => recordId!)),
      int4s(lines.map(({ n }) => n ?? null)),
      texts(lines.map(({ signature }) => signature)),
      texts(lines.map(({ quarantine }) => quarantine ?? null)),
      uuids(lines.map(({ entryId }) => entryId ?? null)),
      byteas(seals),
    ],
  );
};

/** Record id → up to which line it was disposed of: the archive keeps those bytes until its lock ends, and no server takes them up again. */
const disposedThrough = async (
  client: pg.Client,
  lines: readonly ArchivedLine[],
): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await client.query<{ record_id: string; through: string }>(
    "SELECT record_id, through_position AS through FROM disposed_record WHERE record_id = ANY ($1::uuid[])",
    [uuids([...new Set(lines.map(({ recordId }) => recordId!))])],
  );
  return new Map(rows.map((row) => [row.record_id, Number(row.through)]));
};

/** Of the lines' records; made where there is none yet. */
const recordKeys = async (client: pg.Client, keyRing: KeyRing, lines: readonly ArchivedLine[]) => {
  const ids = [...new Set(lines.map(({ recordId }) => recordId!))];
  const { rows } = await client.query<{ record_id: string; wrapped: Buffer }>(
    "SELECT record_id, wrapped FROM record_key WHERE record_id = ANY ($1::uuid[])",
    [uuids(ids)],
  );
  const keys = new Map(rows.map((row) => [row.record_id, keyRing.recordKey(row.record_id, row.wrapped)]));
  const made = ids.filter((id) => !keys.has(id));
  for (const id of made) keys.set(id, keyRing.newRecordKey(id));
  await client.query("INSERT INTO record_key SELECT * FROM unnest($1::uuid[], $2::bytea[])", [
    uuids(made),
    byteas(made.map((id) => keys.get(id)!.wrapped)),
  ]);
  return keys;
};

const insertAccess: Insert = async (client, keyRing, lines) => {
  const accesses = lines.map(({ text }) => JSON.parse(text!) as Access);
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
      byteas(lines.map(({ text, hash }) => keyRing.seal("access", text!, hash))),
    ],
  );
};

const insertControl: Insert = async (client, keyRing, lines) => {
  const changes = lines.map(({ text }) => readControlLine(text!));
  await client.query(
    `INSERT INTO control_line (position, epoch, received, device_id, hash, kind, subject_id, sealed)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::uuid[], $5::bytea[], $6::text[], $7::text[], $8::bytea[])`,
    [
      ...common(lines),
      texts(changes.map((change) => change?.kind ?? null)),
      texts(changes.map((change) => change?.id ?? null)),
      byteas(lines.map(({ text, hash }) => keyRing.seal("control", text!, hash))),
    ],
  );
};

const inserts: Record<LogName, Insert> = { care: insertCare, access: insertAccess, control: insertControl };
