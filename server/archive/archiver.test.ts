import { generateKeyPairSync, hash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import type { LogName } from "#defence/log/line.ts";
import type { ChainRun } from "#protocol/push.ts";
import type { NewLine } from "#sync/store.ts";
import { incident, note, push, runOf, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useArchive, useArchivedBase, useDevice } from "#test/set-up.ts";
import { createCareLog } from "../logs/care-log.ts";
import { type ArchiveFault, type ArchiveLane, ArchiveStopped } from "./archive-fault.ts";
import { type ArchiverParts, sealEverything, startArchiver } from "./archiver.ts";
import type { Letterbox } from "./letterbox.ts";
import { openLogKey } from "./log-key.ts";
import { headOf, readLines } from "./log-lines.ts";
import { keepRecentLines, type RecentLines } from "./recent-lines.ts";
import { linesOf, openSegment, readSegment } from "./segment.ts";

const trust = "northmoor";
const archive = useArchive();
const base = useArchivedBase(archive, "when-told");
const tablet = useDevice(base, "crew");

const appender = (): Letterbox => archive.client("append");
const partsWith = (more: Partial<ArchiverParts> = {}): ArchiverParts => {
  const { pools, keyRing } = base.cells.get(trust)!;
  return {
    trust,
    pool: pools.archive,
    keyRing,
    letterbox: appender(),
    logKey: openLogKey(archive.base, trust, keyRing),
    recipients: archive.recipients(trust),
    ...more,
  };
};
const writeSome = async (entries = 3): Promise<void> => {
  const notes = Array.from({ length: entries }, (_, i) => note(`PLANTED ${i}`));
  await push(base, tablet, await runOf(tablet, testChain(), incident, ...notes));
};
const owner = (text: string, values?: unknown[]) => sql(base.cells.get(trust)!.databaseUrl("owner"), text, values);
const ended = async (log: LogName): Promise<number> => (await archive.reader.end(trust, log)).last;
const faultOf = (sealing: Promise<unknown>): Promise<ArchiveFault | "none"> =>
  sealing.then(
    () => "none",
    (error) => (error instanceof ArchiveStopped ? error.fault : Promise.reject(error)),
  );

const appendLines = async (lines: readonly NewLine[], recentLines: RecentLines): Promise<void> => {
  const { pools, keyRing } = base.cells.get(trust)!;
  const onProjectionFailure = (error: unknown) => {
    throw error;
  };
  const log = createCareLog({ pool: pools.ingest, keyRing, onProjectionFailure, recentLines });
  expect(await log.append(lines, new Map([[lines[0]!.recordId, 0]]))).toMatchObject({ outcome: "committed" });
};
/** Six lines of one commit, of every form that the table takes. */
const appendMixture = async (recentLines: RecentLines): Promise<void> => {
  const run = await runOf(tablet, testChain(), incident, note("PLANTED é"), note("PLANTED 3"));
  const [first, ...others] = run.entries.map((text) => lineOf(run, text, { entry: JSON.parse(text) }));
  const mixture = [
    first!,
    ...others.map((line) => ({ ...line, signature: "of no \u0000 kind" })),
    lineOf(run, 'no JSON \u0000 \ud800 "', { signature: "c2ln" }),
    lineOf(run, `${run.entries[0]} `, { entry: JSON.parse(run.entries[0]!), quarantine: "forked" }),
    lineOf(run, "", { quarantine: "too-long" }),
  ];
  await appendLines(mixture, recentLines);
};
const lineOf = ({ recordId, deviceId }: ChainRun, text: string, parts: Partial<NewLine>): NewLine => ({
  recordId,
  deviceId,
  hash: hash("sha256", text),
  text,
  signature: undefined,
  entry: null,
  quarantine: undefined,
  ...parts,
});

describe("the archiver", () => {
  test("seals what is new and no more, goes on after a start, and after an answer that was lost", async () => {
    await writeSome();
    expect(await sealEverything(partsWith())).toBe(3);
    expect(await sealEverything(partsWith())).toBe(0);
    await writeSome();
    const before = await ended("care");
    const lossy: Letterbox = {
      ...appender(),
      take: async (...file) => {
        await appender().take(...file);
        throw new Error("the answer was lost");
      },
    };
    expect(await faultOf(sealEverything(partsWith({ letterbox: lossy })))).toBe("refused");
    expect(await ended("care")).toBe(before + 4);
    expect(await faultOf(sealEverything(partsWith()))).toBe("none");
    expect(await ended("care")).toBe(before + 4);
  });

  test("seals at once what waits, and tells how long it waited", async () => {
    const lags: [LogName, number][] = [];
    const archiver = startArchiver(partsWith({ onSealed: (log, lag) => lags.push([log, lag]) }));
    const before = await ended("care");
    await writeSome(1);
    await vi.waitUntil(async () => (await ended("care")) === before + 2, { timeout: 60_000 });
    await archiver.close();
    expect(lags.some(([log, lag]) => log === "care" && lag >= 0)).toBe(true);
  });

  test("keeps several megabytes in several segments", async () => {
    const before = (await archive.reader.after(trust, "care", 0)).length;
    const long = "x".repeat(40_000);
    for (let push40 = 0; push40 < 30; push40++) {
      const chain = testChain();
      await push(base, tablet, await runOf(tablet, chain, incident, note(long), note(long), note(long), note(long)));
    }
    await sealEverything(partsWith());
    expect((await archive.reader.after(trust, "care", 0)).length - before).toBeGreaterThan(1);
  });

  test("says that the letterbox does not answer, and loses nothing meanwhile", async () => {
    const down: Letterbox = { ...appender(), end: () => Promise.reject(new Error("nobody is there")) };
    const faults: [ArchiveLane, ArchiveFault][] = [];
    const archiver = startArchiver(partsWith({ letterbox: down, onFault: (log, fault) => faults.push([log, fault]) }));
    await vi.waitUntil(() => faults.length >= 3, { timeout: 60_000 });
    await archiver.close();
    expect(new Set(faults.map(([, fault]) => fault))).toEqual(new Set(["unreachable"]));
    await writeSome();
    expect(await faultOf(sealEverything(partsWith()))).toBe("none");
  });

  test("says that the database does not answer, and calls no line of it changed", async () => {
    await writeSome();
    const { pool } = partsWith();
    // As `pg` says it while the server restarts, of whatever reads lines.
    const away: unknown = {
      query: (asked: string | { name?: string }, values?: unknown[]) =>
        typeof asked === "object" && asked.name?.startsWith("archive-")
          ? Promise.reject(new Error("connect ECONNREFUSED"))
          : pool.query(asked as string, values),
    };
    const faults: [ArchiveLane, ArchiveFault][] = [];
    const archiver = startArchiver(
      partsWith({ pool: away as typeof pool, onFault: (log, fault) => faults.push([log, fault]) }),
    );
    await vi.waitUntil(() => faults.length >= 3, { timeout: 60_000 });
    await archiver.close();
    expect(new Set(faults.map(([, fault]) => fault))).toEqual(new Set(["no-database"]));
  });

  test("is stopped by a letterbox that takes for ever no later than it says", async () => {
    await writeSome();
    let asked = false;
    const silent: Letterbox = {
      ...appender(),
      take: () => {
        asked = true;
        return new Promise(() => {});
      },
    };
    const archiver = startArchiver(partsWith({ letterbox: silent, waits: { lastMsMax: 50 } }));
    await vi.waitUntil(() => asked, { timeout: 60_000 });
    await archiver.close();
    expect(await faultOf(sealEverything(partsWith()))).toBe("none");
  });

  test("does not seal by a key that the letterbox does not know", async () => {
    await writeSome();
    const logKey = generateKeyPairSync("ed25519").privateKey;
    expect(await faultOf(sealEverything(partsWith({ logKey })))).toBe("refused");
    expect(await faultOf(sealEverything(partsWith()))).toBe("none");
  });

  test("stops where the database lost lines that the archive holds, or holds others, and goes on once they are back", async () => {
    await sealEverything(partsWith());
    const [head] = await owner("SELECT position FROM log_head WHERE log = 'access'");
    const position = Number((head as { position: string }).position);
    // As after a file-level restore of the database from yesterday.
    await owner("UPDATE log_head SET position = position - 1 WHERE log = 'access'");
    await owner("UPDATE archive_mark SET position = position - 1 WHERE log = 'access'");
    expect(await faultOf(sealEverything(partsWith()))).toBe("behind-archive");
    await owner("UPDATE log_head SET position = $1 WHERE log = 'access'", [position]);
    expect(await faultOf(sealEverything(partsWith()))).toBe("none");

    const changed = "UPDATE access_line SET received = received + $1::interval WHERE position = 1";
    await owner(changed, ["1 second"]);
    await owner("DELETE FROM archive_mark WHERE log = 'access'");
    expect(await faultOf(sealEverything(partsWith()))).toBe("differs");
    await owner(changed, ["-1 second"]);
    expect(await faultOf(sealEverything(partsWith()))).toBe("none");
  });

  test("does not seal a line that was changed at rest", async () => {
    await writeSome();
    const newest = "WHERE position = (SELECT max(position) FROM care_line)";
    const [line] = await owner(`SELECT sealed FROM care_line ${newest}`);
    const { sealed } = line as { sealed: Buffer };
    await owner(`UPDATE care_line SET sealed = $1 ${newest}`, [
      Buffer.from(sealed.map((byte, i) => (i === 20 ? byte ^ 1 : byte))),
    ]);
    expect(await faultOf(sealEverything(partsWith()))).toBe("unreadable");
    await owner(`UPDATE care_line SET sealed = $1 ${newest}`, [sealed]);
    expect(await faultOf(sealEverything(partsWith()))).toBe("none");
  });

  test("seals what was just stored without reading it, as it would be read, and reads the rest", async () => {
    await sealEverything(partsWith());
    const [before, recentLines] = [await ended("care"), keepRecentLines()];
    await appendMixture(recentLines);
    const files: Buffer[] = [];
    const letterbox: Letterbox = {
      ...appender(),
      take: (...taken) => {
        if (taken[1] === "care") files.push(Buffer.from(taken[2]));
        return appender().take(...taken);
      },
    };
    const { pool, keyRing } = partsWith();
    const asRead = await readLines(pool, keyRing, "care", before, Number.MAX_SAFE_INTEGER);
    expect(asRead.length).toBe(6);
    const reads: number[] = [];
    const watched: unknown = {
      query: (asked: string | { name?: string; values: number[] }, values?: unknown[]) => {
        if (typeof asked === "object" && asked.name === "archive-care") reads.push(asked.values[0]!);
        return pool.query(asked as string, values);
      },
    };
    const seal = () => sealEverything(partsWith({ recentLines, letterbox, pool: watched as typeof pool }));
    await seal();
    // Only whether there is more.
    expect(reads).toEqual([before + 6]);
    const inSegment = async (file: Buffer) => [
      ...linesOf(await openSegment(readSegment(file), archive.standbyIdentity(trust))),
    ];
    expect(await inSegment(files[0]!)).toEqual(asRead);
    // Somebody else's, in between.
    await appendMixture(keepRecentLines());
    await appendMixture(recentLines);
    await seal();
    expect(reads.slice(1)).toEqual([before + 6, before + 18]);
    expect((await inSegment(files[1]!)).map(({ position }) => position)).toEqual(
      Array.from({ length: 12 }, (_, i) => before + 7 + i),
    );
  });

  test("counts what is said of a line: a device that sends nothing makes no segment that nobody can open", async () => {
    await sealEverything(partsWith());
    const before = await ended("care");
    const run = await runOf(tablet, testChain(), incident);
    const nothing = Array.from({ length: 50 }, () => lineOf(run, "", { quarantine: "unreadable" }));
    await appendLines(nothing, keepRecentLines());
    const { pool, keyRing } = partsWith();
    expect((await readLines(pool, keyRing, "care", before, 4_000)).length).toBe(10);
  });

  test("stops when the database is found again with less in it than the archive has", async () => {
    const { pool } = partsWith();
    let isLess = false;
    const asked: unknown = {
      query: async (query: string | { name?: string }, values?: unknown[]) => {
        const answer = await pool.query(query as string, values);
        const isHead = typeof query === "string" && query.startsWith("SELECT position FROM log_head");
        return isLess && isHead ? { rows: [{ position: "1" }] } : answer;
      },
    };
    const faults: ArchiveFault[] = [];
    let sealed = 0;
    const archiver = startArchiver(
      partsWith({
        pool: asked as typeof pool,
        onFault: (lane, fault) => lane === "care" && faults.push(fault),
        onSealed: (log) => {
          if (log === "care") sealed += 1;
        },
        waits: { turnMs: 20, afterFaultMs: 20 },
      }),
    );
    await writeSome();
    await vi.waitUntil(() => sealed === 1, { timeout: 60_000 });
    await owner("DELETE FROM archive_mark WHERE log = 'care'");
    isLess = true;
    // Nobody told it yet: it goes on from where it was.
    await writeSome();
    await vi.waitUntil(() => sealed === 2, { timeout: 60_000 });
    await owner("DELETE FROM archive_mark WHERE log = 'care'");
    archiver.again();
    await vi.waitUntil(() => faults.length > 0, { timeout: 60_000 });
    await archiver.close();
    expect(new Set(faults)).toEqual(new Set(["behind-archive"]));
  });

  test("seals at a stop also what was written while a long segment was taken", async () => {
    await sealEverything(partsWith());
    for (let pushed = 0; pushed < 41; pushed++) await writeSome(49);
    let isWritten = false;
    const letterbox: Letterbox = {
      ...appender(),
      take: async (...taken) => {
        if (taken[1] === "care" && !isWritten) {
          isWritten = true;
          await writeSome(1);
        }
        return appender().take(...taken);
      },
    };
    const parts = partsWith({ letterbox });
    await sealEverything(parts);
    expect(await ended("care")).toBe(await headOf(parts.pool, "care"));
  });
});
