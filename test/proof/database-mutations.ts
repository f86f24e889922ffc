import { hash as digest, randomBytes } from "node:crypto";
import type pg from "pg";
import type { LogName } from "#defence/log/line.ts";
import { pick } from "#demo/random.ts";
import type { KeyRing } from "#server/sealing/key-ring.ts";

/** What whoever has the database's superuser, and perhaps the trust key, does to one of the logs. */
export interface DatabaseMutation {
  name: string;
  logs: readonly LogName[];
  /** Resolves to the first line that is touched; undefined where it could not be done here. */
  run(about: MutationParts): Promise<number | undefined>;
}
export interface MutationParts {
  client: pg.Client;
  keyRing: KeyRing;
  log: LogName;
  /** Nothing younger is touched. */
  last: number;
  random: () => number;
}

const all = ["care", "access", "control"] as const;
const position = ({ random, last }: MutationParts, from = 1): number => from + Math.floor(random() * (last - from + 1));

/** Flips bits of one byte of a column. */
const flip =
  (column: "sealed" | "hash") =>
  async (parts: MutationParts): Promise<number | undefined> => {
    const at = position(parts);
    const table = `${parts.log}_line`;
    const { rows } = await parts.client.query(`SELECT ${column} AS bytes FROM ${table} WHERE position = $1`, [at]);
    const bytes = Buffer.from(rows[0].bytes);
    if (bytes.length === 0) return undefined;
    bytes[Math.floor(parts.random() * bytes.length)]! ^= 1 + Math.floor(parts.random() * 255);
    await parts.client.query(`UPDATE ${table} SET ${column} = $2 WHERE position = $1`, [at, bytes]);
    return isDisposedSeal(parts, column, at);
  };
/** The sealed bytes of a record that ended are noise already, and nothing is proved of them. */
const isDisposedSeal = async ({ client, log }: MutationParts, column: string, at: number) => {
  if (log !== "care" || column !== "sealed") return at;
  const text = `SELECT FROM care_line JOIN disposed_record USING (record_id) WHERE position = $1 AND position <= through_position`;
  return (await client.query(text, [at])).rowCount === 1 ? undefined : at;
};

const shift = async ({ client, log }: MutationParts, from: number, by: number): Promise<void> => {
  const table = `${log}_line`;
  // In two steps, past what is there, because the key on positions is checked row by row.
  await client.query(`UPDATE ${table} SET position = position + 1000000 WHERE position >= $1`, [from]);
  await client.query(`UPDATE ${table} SET position = position - 1000000 + $1 WHERE position > 1000000`, [by]);
  await client.query("UPDATE log_head SET position = position + $2 WHERE log = $1", [log, by]);
};

/** A copy of a line under ids of its own, as far as the table's keys ask for them. */
const copyLine = async ({ client, log }: MutationParts, from: number, to: number): Promise<void> => {
  const { rows } = await client.query(`SELECT * FROM ${log}_line WHERE position = $1`, [from]);
  const row = { ...rows[0], position: to };
  if (log === "care") Object.assign(row, { entry_id: null, n: null, quarantine: "bad-signature" });
  if (log === "access") Object.assign(row, { given_id: null });
  const columns = Object.keys(row);
  const places = columns.map((_, i) => `$${i + 1}`).join(", ");
  await client.query(`INSERT INTO ${log}_line (${columns.join(", ")}) VALUES (${places})`, Object.values(row));
};

export const databaseMutations: readonly DatabaseMutation[] = [
  { name: "flip a byte of what is sealed", logs: all, run: flip("sealed") },
  { name: "flip a byte of a hash", logs: all, run: flip("hash") },
  {
    name: "delete a line",
    logs: all,
    run: async (parts) => {
      const at = position(parts);
      await parts.client.query(`DELETE FROM ${parts.log}_line WHERE position = $1`, [at]);
      return at;
    },
  },
  {
    name: "delete a line and close the gap",
    logs: all,
    run: async (parts) => {
      const at = position(parts);
      await parts.client.query(`DELETE FROM ${parts.log}_line WHERE position = $1`, [at]);
      await shift(parts, at, -1);
      return at;
    },
  },
  {
    name: "insert a line",
    logs: all,
    run: async (parts) => {
      const at = position(parts);
      await shift(parts, at, 1);
      await copyLine(parts, at + 1, at);
      // Of the other logs the copy is what stood here, and the next is the one too many.
      return parts.log === "care" ? at : at + 1;
    },
  },
  {
    name: "reorder two lines",
    logs: all,
    run: async (parts) => {
      const [a, b] = [position(parts), position(parts)];
      if (a === b) return undefined;
      const table = `${parts.log}_line`;
      const move = (from: number, to: number) =>
        parts.client.query(`UPDATE ${table} SET position = $2 WHERE position = $1`, [from, to]);
      await move(a, 9_999_999);
      await move(b, a);
      await move(9_999_999, b);
      return Math.min(a, b);
    },
  },
  {
    name: "cut off the end",
    logs: all,
    run: async (parts) => {
      const at = position(parts);
      await parts.client.query(`DELETE FROM ${parts.log}_line WHERE position >= $1`, [at]);
      await parts.client.query("UPDATE log_head SET position = $2 WHERE log = $1", [parts.log, at - 1]);
      return at;
    },
  },
  {
    name: "change when or by whom a line was stored",
    logs: all,
    run: async (parts) => {
      const at = position(parts);
      const change = pick(
        [
          "received = received - interval '1 minute'",
          "received = 'infinity'",
          "device_id = gen_random_uuid()",
          "epoch = epoch + 1",
        ],
        parts.random,
      );
      await parts.client.query(`UPDATE ${parts.log}_line SET ${change} WHERE position = $1`, [at]);
      return at;
    },
  },
  {
    name: "swap the signer of a line",
    logs: ["care"],
    run: async (parts) => {
      const { rows } = await parts.client.query(
        "SELECT position, signature FROM care_line WHERE signature IS NOT NULL AND position <= $1 ORDER BY position",
        [parts.last],
      );
      const [to, from] = [pick(rows, parts.random), pick(rows, parts.random)];
      if (to.signature === from.signature) return undefined;
      await parts.client.query("UPDATE care_line SET signature = $2 WHERE position = $1", [
        to.position,
        from.signature,
      ]);
      return Number(to.position);
    },
  },
  {
    name: "change a clear column",
    logs: all,
    run: async (parts) => {
      const at = position(parts);
      const changes: Record<LogName, string> = {
        care: pick(["record_id = gen_random_uuid()", "n = n + 40000", "entry_id = gen_random_uuid()"], parts.random),
        access: pick(
          ["record_ids = record_ids || gen_random_uuid()", "user_id = 'somebody-else'", "action = 'other'"],
          parts.random,
        ),
        control: pick(["kind = 'setting'", "subject_id = 'another'"], parts.random),
      };
      const onlyWhole =
        parts.log === "care"
          ? " AND quarantine IS NULL AND record_id NOT IN (SELECT record_id FROM disposed_record)"
          : "";
      const text = `UPDATE ${parts.log}_line SET ${changes[parts.log]} WHERE position = $1${onlyWhole}`;
      const before = parts.log === "control" ? " AND (kind <> 'setting' AND subject_id <> 'another')" : "";
      return (await parts.client.query(text + before, [at])).rowCount === 1 ? at : undefined;
    },
  },
  {
    name: "write other words and seal them with the trust key",
    logs: all,
    run: async (parts) => {
      const { client, keyRing, log } = parts;
      const at = position(parts);
      const { rows } = await client.query(`SELECT * FROM ${log}_line WHERE position = $1`, [at]);
      const row = rows[0];
      const hash = (text: string): Buffer => Buffer.from(digest("sha256", text), "hex");
      if (log !== "care") {
        const text = JSON.stringify({
          ...JSON.parse(keyRing.open(log, row.sealed, row.hash.toString("hex"))),
          salt: randomBytes(16).toString("hex"),
        });
        const sealed = keyRing.seal(log, text, hash(text).toString("hex"));
        await client.query(`UPDATE ${log}_line SET hash = $2, sealed = $3 WHERE position = $1`, [
          at,
          hash(text),
          sealed,
        ]);
        return at;
      }
      const { rows: keys } = await client.query("SELECT wrapped FROM record_key WHERE record_id = $1", [row.record_id]);
      if (keys.length === 0 || row.quarantine !== null) return undefined;
      const key = keyRing.recordKey(row.record_id, keys[0].wrapped);
      const entry = JSON.parse(key.open(row.sealed, row.hash).toString());
      const text = JSON.stringify({ ...entry, body: { text: "other words" }, salt: randomBytes(16).toString("hex") });
      const sealed = key.seal(Buffer.from(text), hash(text));
      await client.query("UPDATE care_line SET hash = $2, sealed = $3 WHERE position = $1", [at, hash(text), sealed]);
      return at;
    },
  },
  {
    name: "say that a record has ended, and wipe it",
    logs: ["care"],
    run: async (parts) => {
      const { client } = parts;
      const text = `SELECT record_id, min(position) AS first, max(position) AS last FROM care_line WHERE position <= $1
        AND record_id NOT IN (SELECT record_id FROM disposed_record) GROUP BY record_id ORDER BY record_id`;
      const { rows } = await client.query(text, [parts.last]);
      const { record_id, first, last } = pick(rows, parts.random);
      await client.query("INSERT INTO disposed_record VALUES ($1, $2, now())", [record_id, last]);
      await client.query("UPDATE care_line SET sealed = '' WHERE record_id = $1 AND position <= $2", [record_id, last]);
      return Number(first);
    },
  },
  {
    name: "destroy a record's key",
    logs: ["care"],
    run: async (parts) => {
      const text =
        "SELECT record_id, min(position) AS first FROM care_line JOIN record_key USING (record_id) WHERE position <= $1 GROUP BY record_id ORDER BY record_id";
      const { rows } = await parts.client.query(text, [parts.last]);
      const { record_id, first } = pick(rows, parts.random);
      await parts.client.query("DELETE FROM record_key WHERE record_id = $1", [record_id]);
      return Number(first);
    },
  },
];

const kept = ["care_line", "access_line", "control_line", "log_head", "record_key", "disposed_record"];

/** Keeps the tables as they are, so that each mutation begins from them. */
export const keepTables = async (client: pg.Client): Promise<() => Promise<void>> => {
  await client.query("SET session_replication_role = replica");
  await client.query("CREATE SCHEMA kept");
  for (const table of kept) await client.query(`CREATE TABLE kept.${table} AS TABLE ${table}`);
  return async () => {
    for (const table of kept)
      await client.query(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept.${table}`);
  };
};
