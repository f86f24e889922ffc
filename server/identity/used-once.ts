import { createHash } from "node:crypto";
import type pg from "pg";

/** What is good once, in whichever process it is used. */
export interface UsedOnce {
  /** True the first time, and false ever after; it need not be remembered beyond `endsMs`, when its age refuses it. */
  take(use: string, text: string, endsMs: number): Promise<boolean>;
}

/** Those whose time was over are swept out so many at a time, with each that comes. */
const sweptMax = 100;

export const createUsedOnce = (pool: pg.Pool): UsedOnce => ({
  take: async (use, text, endsMs) => {
    const hash = createHash("sha256").update(use).update("\n").update(text).digest();
    await pool.query(
      `DELETE FROM used_once WHERE hash IN (SELECT hash FROM used_once WHERE ends < now() - interval '1 minute' LIMIT ${sweptMax})`,
    );
    const { rowCount } = await pool.query(
      "INSERT INTO used_once (hash, ends) VALUES ($1, to_timestamp($2 / 1000.0)) ON CONFLICT DO NOTHING",
      [hash, endsMs],
    );
    return rowCount === 1;
  },
});

/** For a test without a database, and for one process alone. */
export const usedOnceInMemory = (): UsedOnce => {
  const used = new Set<string>();
  return {
    take: async (use, text) => {
      const key = `${use}\n${text}`;
      if (used.has(key)) return false;
      used.add(key);
      return true;
    },
  };
};
