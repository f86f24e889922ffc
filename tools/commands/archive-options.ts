import { readFileSync } from "node:fs";
import { SingleBar } from "cli-progress";
import { type LogName, logNames } from "#defence/log/line.ts";
import { directoryStore } from "#server/archive/directory-store.ts";
import { createLetterbox, type Letterbox } from "#server/archive/letterbox.ts";
import { letterboxClient } from "#server/archive/letterbox-client.ts";
import { BadShares, joinIdentity } from "#server/archive/officers.ts";
import { SetupProblem } from "#server/config.ts";
import { existingSecret } from "#server/secrets.ts";

/** A bar for each log, one after the other. */
export const progressOf = async (trust: string, letterbox: Pick<Letterbox, "end">) => {
  const ends = new Map<LogName, number>();
  for (const log of logNames) {
    // The last file may be a torn one; the restore says so when it comes to it.
    const end = await letterbox.end(trust, log).catch(() => undefined);
    if (end !== undefined) ends.set(log, end.last);
  }
  let shown: { log: LogName; bar: SingleBar; position: number } | undefined;
  return {
    at: (log: LogName, position: number): void => {
      if (shown?.log !== log) {
        shown?.bar.stop();
        shown = { log, bar: new SingleBar({ format: `${log} {bar} {value} of {total} lines` }), position: 0 };
        shown.bar.start(ends.get(log) ?? position, 0);
      }
      shown.bar.increment(position - shown.position);
      shown.position = position;
    },
    end: () => shown?.bar.stop(),
  };
};

/** Where an archive is read. */
interface Where {
  letterbox?: string;
  secret?: string;
  segments?: string;
}
export const readerOf = ({ letterbox, secret, segments }: Where): Letterbox | undefined => {
  if (segments !== undefined) return createLetterbox({ store: directoryStore(segments), logKeys: () => [] });
  return letterbox !== undefined && secret !== undefined
    ? letterboxClient(letterbox, existingSecret(secret))
    : undefined;
};

/** By officers' shares or a file; undefined where neither is named. */
export const identityOf = async ({
  share,
  identity,
}: {
  share?: string[];
  identity?: string;
}): Promise<string | undefined> => {
  if (share !== undefined) return joined(share.map(readText));
  return identity === undefined ? undefined : readText(identity).trim();
};

const joined = (shares: readonly string[]): Promise<string> =>
  joinIdentity(shares).catch((error) => {
    throw error instanceof BadShares
      ? new SetupProblem("bad-shares", error.message, "give two officers' shares.")
      : error;
  });

export const readText = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new SetupProblem("unreadable-file", `${path} cannot be read.`, "check the path.");
  }
};
