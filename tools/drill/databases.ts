import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import { readConfig } from "#server/config.ts";
import { openCluster } from "#server/postgres/cluster.ts";
import type { StoredLine } from "./ledger.ts";

/** A trust's database as the drill reads it. */
export interface ReadDatabase {
  /** Every line of the care log, in order. */
  lines(): Promise<StoredLine[]>;
  /** The last line of each log. */
  heads(): Promise<Record<LogName, number>>;
}

/** Reads a trust's database beside its server, or where none runs. `data`: the server's HOLDFAST_DATA. */
export const withDatabase = async <T>(
  data: string,
  trust: string,
  work: (database: ReadDatabase) => Promise<T>,
): Promise<T> => {
  const cluster = await openCluster(readConfig({ HOLDFAST_DATA: data }), { attach: true });
  const client = new pg.Client({ connectionString: cluster.url(trust, "owner"), application_name: "drill" });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work({ lines: () => linesOf(client), heads: () => headsOf(client) });
  } finally {
    await client.end().catch(() => {});
    await cluster.stop();
  }
};

const linesOf = async (client: pg.Client): Promise<StoredLine[]> => {
  const { rows } = await client.query<{
    entry_id: string | null;
    record_id: string;
    hash: Buffer;
    epoch: number;
    position: string;
  }>("SELECT entry_id, record_id, hash, epoch, position FROM care_line ORDER BY position");
  return rows.map(({ entry_id, record_id, hash, epoch, position }) => ({
    entryId: entry_id,
    recordId: record_id,
    hash: hash.toString("hex"),
    epoch,
    position: Number(position),
  }));
};

const headsOf = async (client: pg.Client): Promise<Record<LogName, number>> => {
  const { rows } = await client.query<{ log: LogName; position: string }>("SELECT log, position FROM log_head");
  const of = (log: LogName): number => Number(rows.find((row) => row.log === log)?.position ?? 0);
  return Object.fromEntries(logNames.map((log) => [log, of(log)])) as Record<LogName, number>;
};
