import type pg from "pg";

/** How long after its end a session's tokens could still be in somebody's hands, times this: clocks and slow answers. */
const margin = 2;

export interface EndedSessions {
  /** Reads what ended lately: at a start, and after a time in which nobody could be told. */
  load(): Promise<void>;
  add(sessionId: string): void;
  has(sessionId: string): boolean;
}

/** The sessions whose access tokens (`tokenMs` long) are refused before their time. Older ones have run out by themselves. */
export const createEndedSessions = (pool: pg.Pool, tokenMs: number): EndedSessions => {
  const keepMs = tokenMs * margin;
  /** Session → when we heard of its end; in that order. */
  const heard = new Map<string, number>();
  const add = (sessionId: string): void => {
    heard.delete(sessionId);
    heard.set(sessionId, Date.now());
    for (const [oldest, at] of heard) {
      if (at > Date.now() - keepMs) break;
      heard.delete(oldest);
    }
  };
  return {
    load: async () => {
      const { rows } = await pool.query<{ session_id: string }>(
        "SELECT session_id FROM session WHERE ended > now() - make_interval(secs => $1)",
        [keepMs / 1000],
      );
      for (const row of rows) add(row.session_id);
    },
    add,
    has: (sessionId) => heard.has(sessionId),
  };
};
