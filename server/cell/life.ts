import type pg from "pg";
import type { ServerState } from "#protocol/server-state.ts";
import type { PokeBus } from "../live/poke-bus.ts";

/** Which life of the log this is. */
export type LifeNow = Pick<ServerState, "epoch" | "incarnation" | "archived">;

export interface Life {
  now(): LifeNow;
  /** After the owner changed it. */
  refresh(): Promise<void>;
}

/** Follows the database: what is known of the archive is forgotten while it is away. */
export const openLife = async (pool: pg.Pool, bus: PokeBus): Promise<Life> => {
  let life = await readLife(pool);
  const refresh = async (): Promise<void> => {
    life = await readLife(pool);
  };
  // Where the connection went again, it will be found again.
  const refreshOrWait = (): Promise<void> => refresh().catch(() => {});
  bus.on("archived", refreshOrWait);
  bus.on("lost", () => {
    const { archived: _, ...rest } = life;
    life = rest;
  });
  bus.on("found", () => void refreshOrWait());
  return { now: () => life, refresh };
};

/** With how far the archive is, which counts in this life alone: the row is written after the letterbox took the segment. */
const readLife = async (pool: pg.Pool): Promise<LifeNow> => {
  const { rows } = await pool.query<{ epoch: number; incarnation: string; archived: string }>(
    `SELECT epoch, incarnation,
       coalesce((SELECT position FROM archive_mark WHERE log = 'care'), 0) AS archived FROM life`,
  );
  const { epoch, incarnation, archived } = rows[0]!;
  return { epoch, incarnation, archived: Number(archived) };
};
