import { SingleBar } from "cli-progress";
import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import { headOf } from "#server/archive/log-lines.ts";

/** One bar for the lines of a database's three logs, in whatever order the logs are read. `what` is done with them. */
export const linesBar = async (trust: string, url: string, what = "") => {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const ends = await Promise.all(logNames.map((log) => headOf(pool, log)));
  await pool.end();
  const bar = new SingleBar({ format: `${trust}${what && `, ${what}`} {bar} {value} of {total} lines, {eta} s left` });
  const total = ends.reduce((sum, end) => sum + end, 0);
  const reached = new Map<LogName, number>();
  return {
    at: (log: LogName, position: number): void => {
      // Two bars in one terminal would write over each other: one that has not begun yet is not there.
      if (reached.size === 0) bar.start(total, 0);
      bar.increment(position - (reached.get(log) ?? 0));
      reached.set(log, position);
    },
    end: () => bar.stop(),
  };
};
