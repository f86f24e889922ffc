import pg from "pg";
import { recordSubject } from "../identity/subjects.ts";
import { type ControlChange, readControlLine, sealSubject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { fillAccessLines } from "./fill-access-lines.ts";

interface Line {
  position: string;
  received: Date;
  hash: Buffer;
  sealed: Buffer;
}

/**
 * Projects every control line after what `subject` shows, in order. `client` is the owner's, in a transaction of the
 * caller's. Resolves to the number of subjects it wrote.
 */
export const projectSubjects = async (client: pg.ClientBase, keyRing: KeyRing): Promise<number> => {
  const { rows } = await client.query<Line>(
    `SELECT position, received, hash, sealed FROM control_line
     WHERE position > (SELECT coalesce(max(position), 0) FROM subject) ORDER BY position`,
  );
  const subjects = new Set<string>();
  for (const { position, received, hash, sealed } of rows) {
    const change = readControlLine(keyRing.open("control", sealed, hash.toString("hex")));
    if (change === null) continue;
    const { kind, id, siteId } = change;
    await client.query("UPDATE control_line SET kind = $2, subject_id = $3 WHERE position = $1 AND kind IS NULL", [
      position,
      kind,
      id,
    ]);
    await client.query(
      `INSERT INTO subject VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, subject_id) DO UPDATE SET
       site_id = excluded.site_id, position = excluded.position, changed = excluded.changed, sealed = excluded.sealed`,
      [kind, id, siteId ?? null, position, received, sealSubject(keyRing, change)],
    );
    await endDisposed(client, change);
    subjects.add(`${kind}\n${id}`);
  }
  return subjects.size;
};

/** A record that the log says has ended ends here too, whatever a backup or a replay has brought back of it. */
const endDisposed = async (client: pg.ClientBase, { kind, id, state }: ControlChange): Promise<void> => {
  if (kind !== "record") return;
  const { disposal } = recordSubject.parse(state);
  if (disposal === undefined) return;
  await client.query("SELECT end_record($1, $2, $3)", [id, disposal.through, disposal.at]);
};

/** Brings the projection up to the log, as after an upgrade. `url` is the owner's. */
export const catchUpSubjects = async (url: string, keyRing: KeyRing): Promise<void> => {
  const client = new pg.Client({ connectionString: url, application_name: "holdfast subjects" });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT FROM log_head WHERE log = 'control' FOR UPDATE");
    await projectSubjects(client, keyRing);
    await fillAccessLines(client, keyRing);
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
};
