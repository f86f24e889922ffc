import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { SetupProblem } from "../config.ts";
import { replaceSecret } from "../secrets.ts";
import { createKeyRing, type KeyRing } from "./key-ring.ts";
import { claimKeys, claimRotation, releaseKeys } from "./keys-in-use.ts";
import { type SealedColumn, sealedColumns } from "./sealed-columns.ts";
import { aboutSealedKey, sealedKeyUses } from "./sealed-private-key.ts";
import { fileTrustKey, keyFiles, readGenerations, type TrustKey, trustKeyOf, writeGenerations } from "./trust-key.ts";

export interface RotationParts {
  /** The owner's, of the trust's database. */
  url: string;
  dataDirectory: string;
  trust: string;
  /** Rows done and rows in all. */
  onProgress(done: number, all: number): void;
  /** From here on the zones may run: they read both generations and seal with the new one. */
  onZonesMayStart(): void;
}

/** Rows whose bytes are read and written at a time; attachments' chunks are large. */
const rowsAtATime = 2_000;
const chunksAtATime = 32;

/**
 * Puts a new trust key in the place of the old: a second generation in the key file, every record key wrapped and every
 * sealed column sealed anew, and the old generation taken out of the file. May be ended at any moment and run again: it goes
 * on with the generation it began with. Resolves to the number of rows it changed. Throws SetupProblem while zones run that
 * do not know the new generation, or while another rotation runs.
 */
export const rotateTrustKey = async (parts: RotationParts): Promise<number> => {
  const { dataDirectory, trust } = parts;
  const { root: file } = keyFiles(dataDirectory, trust);
  return withRotation(parts.url, async (client) => {
    if (readGenerations(file).length === 1)
      await whileNobodyHoldsKeys(client, trust, async () => {
        refuseWaitingJournal(dataDirectory, trust);
        writeGenerations(file, [randomBytes(32), ...readGenerations(file)]);
      });
    parts.onZonesMayStart();
    const [newest] = readGenerations(file);
    const both = fileTrustKey(dataDirectory, trust);
    const fresh = trustKeyOf([newest], both.index, both.tokens);
    const changed = await sealAnew(client, both, fresh, parts.onProgress);
    sealFilesAnew(dataDirectory, trust, both, fresh);
    writeGenerations(file, [newest]);
    return changed;
  });
};

/** With a connection of the owner's that no other rotation has. */
export const withRotation = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, application_name: "holdfast rotation" });
  await client.connect();
  try {
    if (!(await claimRotation(client)))
      throw new SetupProblem("rotation-runs", "Another rotation of this trust's keys is running.", "wait for its end.");
    return await work(client);
  } finally {
    await client.end();
  }
};

/** No process has read the keys that `work` changes, and none can start meanwhile. */
export const whileNobodyHoldsKeys = async (
  client: pg.Client,
  trust: string,
  work: () => Promise<void>,
): Promise<void> => {
  if (!(await claimKeys(client)))
    throw new SetupProblem(
      "zones-running",
      `Zones of ${trust} are running with the keys that are to go.`,
      "stop them, run this again, and start them when it says so; tablets go on by themselves meanwhile.",
    );
  try {
    await work();
  } finally {
    await releaseKeys(client);
  }
};

/** Access lines that wait in a file are sealed too, and their way into the log begins when a zone starts. */
const refuseWaitingJournal = (dataDirectory: string, trust: string): void => {
  const folder = join(dataDirectory, "journal");
  const waiting = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${trust}.`)) : [];
  if (waiting.length === 0) return;
  throw new SetupProblem(
    "journal-waits",
    `Access lines of ${trust} wait in ${folder}.`,
    "start the zones once, with the database reachable, so that the lines go into the log; a standby's are carried to the base with `holdfast journal`. Move what ends with .unread away by hand: it holds lines that cannot be opened. Then stop them and run this again.",
  );
};

const sealAnew = async (
  client: pg.Client,
  both: TrustKey,
  fresh: TrustKey,
  onProgress: RotationParts["onProgress"],
): Promise<number> => {
  const rings = { both: createKeyRing(both), fresh: createKeyRing(fresh) };
  let all = 0;
  for (const table of ["record_key", ...sealedColumns.map((each) => each.table)]) {
    const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
    all += Number(rows[0]!.n);
  }
  let done = 0;
  let changed = 0;
  onProgress(0, all);
  for (const column of [recordKeys(both, fresh), ...sealedColumns.map((each) => resealed(each, rings))]) {
    for await (const batch of column.batches(client)) {
      done += batch.rows;
      changed += batch.changed;
      onProgress(done, Math.max(all, done));
    }
  }
  return changed;
};

interface Rewritten {
  batches(client: pg.Client): AsyncGenerator<{ rows: number; changed: number }>;
}

/** The value anew; null when it is already of the new generation. */
type Renew = (row: Record<string, string>, held: Buffer) => Buffer | null;

const recordKeys = (both: TrustKey, fresh: TrustKey): Rewritten =>
  rewritten({ table: "record_key", key: { record_id: "uuid" }, beside: [], column: "wrapped" }, (row, held) => {
    const recordId = row.record_id!;
    if (opens(() => fresh.unwrap(recordId, held))) return null;
    return fresh.wrap(recordId, both.unwrap(recordId, held));
  });

const resealed = (column: SealedColumn, rings: { both: KeyRing; fresh: KeyRing }): Rewritten =>
  rewritten(column, (row, held) => {
    const about = column.about(row);
    if (opens(() => rings.fresh.openBytes(column.use, held, about))) return null;
    return rings.fresh.sealBytes(column.use, rings.both.openBytes(column.use, held, about), about);
  });

const opens = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

/** Walks a table by its primary key. A row that somebody changed meanwhile is left: it was written with the new generation. */
const rewritten = (
  { table, key, beside, column }: Pick<SealedColumn, "table" | "key" | "beside" | "column">,
  renew: Renew,
): Rewritten => ({
  batches: async function* (client) {
    const names = Object.keys(key);
    const types = Object.values(key);
    const text = (name: string) =>
      name === "hash" || key[name] === "bytea" ? `encode(${name}, 'hex')` : `${name}::text`;
    const typed = (value: string, type: string) => (type === "bytea" ? `decode(${value}, 'hex')` : `${value}::${type}`);
    const columns = [...names, ...beside].map((name) => `${text(name)} AS ${name}`).join(", ");
    const after = names.map((_, i) => typed(`$${i + 1}`, types[i]!)).join(", ");
    const limit = table === "blob_chunk" ? chunksAtATime : rowsAtATime;
    const select = (where: string) =>
      `SELECT ${columns}, ${column} AS held FROM ${table} ${where} ORDER BY ${names.map((name) => `${table}.${name}`).join(", ")} LIMIT ${limit}`;
    const given = names.map((_, i) => `$${i + 1}::text[]`).join(", ");
    const equal = names.map((name, i) => `t.${name} = ${typed(`u.${name}`, types[i]!)}`).join(" AND ");
    const update = `UPDATE ${table} t SET ${column} = u.renewed
      FROM unnest(${given}, $${names.length + 1}::bytea[], $${names.length + 2}::bytea[]) AS u (${names.join(", ")}, held, renewed)
      WHERE ${equal} AND t.${column} = u.held`;
    for (let last: string[] | undefined; ; ) {
      const where = last === undefined ? "" : `WHERE (${names.join(", ")}) > (${after})`;
      const { rows } = await client.query<Record<string, string> & { held: never }>(select(where), last ?? []);
      if (rows.length === 0) return;
      const renewed = rows.flatMap((row) => {
        const held = row.held as Buffer;
        const value = renew(row, held);
        return value === null ? [] : [{ row, held, value }];
      });
      if (renewed.length > 0)
        await client.query(update, [
          ...names.map((name) => renewed.map(({ row }) => row[name])),
          renewed.map(({ held }) => held),
          renewed.map(({ value }) => value),
        ]);
      yield { rows: rows.length, changed: renewed.length };
      last = names.map((name) => rows.at(-1)![name]!);
    }
  },
});

/** `inbox`, `site.southgate-ed`; with a time at the end, one that was rotated. */
const sealedFile = /^(issuer|inbox|site|log)(\.[a-z0-9-]+){0,2}$/;

/** The private halves of issuer, inbox, sites and log lie beside the trust key, sealed under it. */
const sealFilesAnew = (dataDirectory: string, trust: string, both: TrustKey, fresh: TrustKey): void => {
  const folder = join(dataDirectory, "keys");
  for (const name of readdirSync(folder)) {
    const use = name.startsWith(`${trust}.`) && sealedFile.exec(name.slice(trust.length + 1))?.[1];
    const known = sealedKeyUses.find((each) => each === use);
    if (known === undefined) continue;
    const path = join(folder, name);
    const sealed = Buffer.from(readFileSync(path, "utf8").trim(), "base64url");
    const about = aboutSealedKey(known, trust);
    const plain = createKeyRing(both).openBytes(known, sealed, about);
    replaceSecret(path, createKeyRing(fresh).sealBytes(known, plain, about).toString("base64url"));
  }
};
