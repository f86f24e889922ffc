import type pg from "pg";
import { notedMs, offlineMs, openAccess } from "../logs/access-line.ts";
import { int4s, int8s, texts, uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

const linesAtATime = 5_000;

/**
 * Reads the clear columns of access lines from their sealed text, where an older version or a restore left them empty.
 * `client` is the owner's. Resolves to the number of lines it filled.
 */
export const fillAccessLines = async (client: pg.ClientBase, keyRing: KeyRing): Promise<number> => {
  for (let filled = 0; ; ) {
    const { rows } = await client.query<{ epoch: number; position: string; hash: Buffer; sealed: Buffer }>(
      "SELECT epoch, position, hash, sealed FROM access_line WHERE action IS NULL ORDER BY epoch, position LIMIT $1",
      [linesAtATime],
    );
    if (rows.length === 0) return filled;
    const accesses = rows.map(({ hash, sealed }) => openAccess(keyRing, hash, sealed));
    await client.query(
      `UPDATE access_line a SET user_id = l.user_id, session_id = l.session_id, action = l.action,
         record_ids = l.records::uuid[], given_id = l.given_id, offline_at = to_timestamp(l.offline_ms / 1000.0),
         noted_at = to_timestamp(l.noted_ms / 1000.0)
       FROM unnest($1::int[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::bigint[], $9::bigint[])
         AS l (epoch, position, user_id, session_id, action, records, given_id, offline_ms, noted_ms)
       WHERE a.epoch = l.epoch AND a.position = l.position`,
      [
        int4s(rows.map(({ epoch }) => epoch)),
        int8s(rows.map(({ position }) => Number(position))),
        texts(accesses.map(({ person }) => person?.userId ?? null)),
        uuids(accesses.map(({ sessionId }) => sessionId ?? null)),
        texts(accesses.map(({ action }) => action)),
        texts(accesses.map(({ recordIds }) => `{${recordIds.join(",")}}`)),
        uuids(accesses.map(({ offline }) => offline?.id ?? null)),
        int8s(accesses.map(offlineMs)),
        int8s(accesses.map(notedMs)),
      ],
    );
    filled += rows.length;
  }
};
