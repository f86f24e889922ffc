import pg from "pg";
import { byteas, int8s, uuids } from "#server/postgres/binary-array.ts";
import { uuid7 } from "./workload.ts";

/** What PostgreSQL does at best with the same bytes: a bare table with a UUIDv7 key, and no work of ours. */
export interface RawTable {
  /** Rows a second: batches by `unnest` of binary array parameters, over that many connections. */
  batches(texts: readonly string[], batch: number): Promise<number>;
  /** Rows a second: one row an insert, over that many connections. */
  singles(texts: readonly string[]): Promise<number>;
  /** Milliseconds of each single-row commit, one after another on one connection. */
  commits(texts: readonly string[]): Promise<number[]>;
  /** Rows a second: everything in the table in the order of its key, that many rows a page, on one connection. */
  pages(rows: number): Promise<number>;
  empty(): Promise<void>;
  close(): Promise<void>;
}

export const openRawTable = async (adminUrl: string, connections: number): Promise<RawTable> => {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query("DROP DATABASE IF EXISTS bench_limit WITH (FORCE)");
  await admin.query("CREATE DATABASE bench_limit");
  const url = new URL(adminUrl);
  url.pathname = "/bench_limit";
  const pool = new pg.Pool({ connectionString: url.href, max: connections, min: connections });
  await pool.query(
    "CREATE TABLE line (id uuid PRIMARY KEY, record_id uuid NOT NULL, position bigint NOT NULL, body bytea NOT NULL)",
  );
  const spread = async (jobs: number, work: (job: number, client: pg.PoolClient) => Promise<void>) => {
    const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
    let next = 0;
    const started = performance.now();
    await Promise.all(
      clients.map(async (client) => {
        while (next < jobs) await work(next++, client);
      }),
    );
    const seconds = (performance.now() - started) / 1000;
    for (const client of clients) client.release();
    return seconds;
  };
  const insertOne = { name: "one", text: "INSERT INTO line VALUES ($1, $2, $3, $4)" };
  const insertMany = {
    name: "many",
    text: "INSERT INTO line SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bytea[])",
  };
  const page = { name: "page", text: "SELECT * FROM line WHERE id > $1 ORDER BY id LIMIT $2" };
  const record = uuid7();
  return {
    async batches(texts, batch) {
      const jobs = Math.ceil(texts.length / batch);
      const ids = texts.map(() => uuid7());
      const seconds = await spread(jobs, async (job, client) => {
        const rows = texts.slice(job * batch, (job + 1) * batch);
        const values = [
          uuids(ids.slice(job * batch, (job + 1) * batch)),
          uuids(rows.map(() => record)),
          int8s(rows.map((_, i) => job * batch + i)),
          byteas(rows.map((text) => Buffer.from(text, "utf8"))),
        ];
        await client.query({ ...insertMany, values });
      });
      return texts.length / seconds;
    },
    async singles(texts) {
      const ids = texts.map(() => uuid7());
      const seconds = await spread(texts.length, async (job, client) => {
        await client.query({ ...insertOne, values: [ids[job], record, job, Buffer.from(texts[job]!, "utf8")] });
      });
      return texts.length / seconds;
    },
    async commits(texts) {
      const client = await pool.connect();
      const times: number[] = [];
      for (const [i, text] of texts.entries()) {
        const started = performance.now();
        await client.query({ ...insertOne, values: [uuid7(), record, i, Buffer.from(text, "utf8")] });
        times.push(performance.now() - started);
      }
      client.release();
      return times;
    },
    async pages(size) {
      const client = await pool.connect();
      const started = performance.now();
      let read = 0;
      let after = "00000000-0000-0000-0000-000000000000";
      for (;;) {
        const { rows } = await client.query({ ...page, values: [after, size] });
        read += rows.length;
        if (rows.length < size) break;
        after = rows.at(-1).id;
      }
      client.release();
      return read / ((performance.now() - started) / 1000);
    },
    async empty() {
      await pool.query("TRUNCATE line");
    },
    async close() {
      await pool.end();
      await admin.end();
    },
  };
};
