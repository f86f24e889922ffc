import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { type TimelineFilter, type TimelineLine, timeline } from "#server/timeline/timeline.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { linesBar } from "./lines-bar.ts";
import { withTrust } from "./with-trust.ts";

export const timelineCommand: Command = {
  summary: "says who did what, from a trust's three logs in one order",
  help: `holdfast timeline --trust <northmoor|westvale> [--device ID] [--account ID] [--record ID]
                  [--from TIME] [--to TIME] [--json]

Lists the lines of the care, access and control logs, oldest first: when, where in which log, whether it was allowed, by whom, on which
records, what. Changes no line, and may run beside a server of this version. Where none runs it starts the embedded database, and
the tables of an older version it brings up to its own. Runs at the base, or wherever else the trust's database and keys are.

  --device     what it did, and what was done to it
  --account    what the person with this id did, and what was done to the account
  --record     what was done to it
  --from       2026-03-01T18:00Z or 2026-03-01T18:00+01:00, included; --to, not included. A line counts by when it was received,
               and by when a device says that it was
  --json       a JSON object a line, with all of a line's records; without it at most three

Each log's lines keep the order of their positions, and the logs are merged by when the base received a line; that is ORDER "received".
"position" is a line whose time of receipt cannot be right beside its neighbours'. CLAIMED is what a device's clock said: it
is shown, and orders nothing. A line that cannot be opened is listed with "!" and why; with --account too, since it may be that
person's. Whose an entry was of a record that has ended is known no more. Every line is read, whatever is asked: some two minutes
for a million.
It names people, devices and records by their ids, and no patient. Exit codes: 0 listed; 1 listed, and something is not as it was stored
(\`holdfast verify\` says since when); 2 wrongly called; 3 something to put right first.
Settings: HOLDFAST_DATA, DATABASE_URL (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        trust: { type: "string" },
        device: { type: "string" },
        account: { type: "string" },
        record: { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
        json: { type: "boolean" },
      },
    });
    const found = trusts.find(({ trust }) => trust === values.trust);
    const { from, to, device, account, record } = values;
    const [fromMs, toMs] = [from, to].map((time) => (time === undefined ? undefined : readTime(time)));
    if (found === undefined || Number.isNaN(fromMs) || Number.isNaN(toMs)) {
      console.error("Say which trust, and times with their zone: `holdfast timeline --help` says how.");
      return 2;
    }
    const filter: TimelineFilter = {
      ...(device !== undefined && { device: device.toLowerCase() }),
      ...(account !== undefined && { account }),
      ...(record !== undefined && { record: record.toLowerCase() }),
      ...(fromMs !== undefined && { fromMs }),
      ...(toMs !== undefined && { toMs }),
    };
    const { trust } = found;
    return withTrust(trust, async (open) => {
      const url = open.url("archive");
      // A bar and a table in one terminal would write over each other.
      const bar = values.json || process.stdout.isTTY ? undefined : await linesBar(trust, url);
      const lines = timeline({ url, keyRing: open.keyRing, filter, ...(bar && { onProgress: bar.at }) });
      const damaged = await print(lines, values.json ? JSON.stringify : rowOf, values.json ? [] : [head]);
      bar?.end();
      if (damaged === 0) return 0;
      console.error(`${damaged} of these lines are not as they were stored: \`holdfast verify\` says since when.`);
      return 1;
    });
  },
};

/** ms since 1970; NaN for a time without a zone. */
const readTime = (text: string): number =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;

/** Writes as fast as whoever reads takes it. Resolves to how many lines have a fault. */
const print = async (
  lines: AsyncIterable<TimelineLine>,
  textOf: (line: TimelineLine) => string,
  before: readonly string[],
): Promise<number> => {
  let damaged = 0;
  async function* texts() {
    for (const text of before) yield `${text}\n`;
    for await (const line of lines) {
      if (line.fault !== null) damaged += 1;
      yield `${textOf(line)}\n`;
    }
  }
  try {
    await pipeline(Readable.from(texts()), process.stdout, { end: false });
  } catch (error) {
    // Whoever reads has seen enough, as `head` has.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
  return damaged;
};

const widths = [24, 24, 8, 15, 7, 36, 36, 7, 36] as const;
const inColumns = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join("  ")
    .trimEnd();

const head = inColumns([
  "RECEIVED",
  "CLAIMED",
  "ORDER",
  "LOG AND LINE",
  "OUTCOME",
  "PERSON",
  "DEVICE",
  "ZONE",
  "RECORDS",
  "WHAT",
]);

const shownRecords = 3;
const rowOf = (line: TimelineLine): string => {
  const { log, position, received, claimed, orderedBy, outcome, person, device, zone, records, words, fault } = line;
  const more = records.length - shownRecords;
  const isSystem = person === null && device === null && fault === null;
  return inColumns([
    received,
    claimed ?? "-",
    orderedBy,
    `${log} ${position}`,
    outcome,
    isSystem ? "system" : (person ?? "-"),
    device ?? "-",
    zone ?? "-",
    records.length === 0 ? "-" : `${records.slice(0, shownRecords).join(" ")}${more > 0 ? ` and ${more} more` : ""}`,
    fault === null ? words : `! ${words}: ${fault}`,
  ]);
};
