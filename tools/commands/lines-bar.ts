import { SingleBar } from "cli-progress";
import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import { headOf } from "#server/archive/log-lines.ts";

/** One bar for the lines of a database's three logs, in whatever order the logs are read. */
export const linesBar = async (trust: string, url: string) => {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const ends = await Promise.all(logNames.map((log) => headOf(pool, log)));
  await pool.end();
  const bar = new SingleBar({ format: `${trust} {bar} {value} of {total} lines, {eta} s left` });
  bar.start(
    ends.reduce((sum, end) => sum + end, 0),
    0,
  );
  const reached = new Map<LogName, number>();
  return {
    at: (log: LogName, position: number): void => {
      bar.increment(position - (reached.get(log) ?? 0));
      reached.set(log, position);
    },
    end: () => bar.stop(),
  };
};
