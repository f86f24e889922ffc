import { generateKeyPairSync, hash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import type { LogName } from "#defence/log/line.ts";
import { incident, note, push, runOf, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useArchive, useArchivedBase, useDevice } from "#test/set-up.ts";
import { keepRecentTexts } from "../logs/recent-texts.ts";
import { type ArchiveFault, type ArchiveLane, ArchiveStopped } from "./archive-fault.ts";
import { type ArchiverParts, sealEverything, startArchiver } from "./archiver.ts";
import type { Letterbox } from "./letterbox.ts";
import { openLogKey } from "./log-key.ts";
import { headOf } from "./log-lines.ts";
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

  test("seals what was just stored without reading it, reads the rest, and keeps nothing of what it has sealed", async () => {
    await sealEverything(partsWith());
    const run = await runOf(tablet, testChain(), incident, note("PLANTED a"), note("PLANTED b"));
    await push(base, tablet, run);
    const recentTexts = keepRecentTexts();
    const hashes = run.entries.map((text) => hash("sha256", text));
    for (const [i, text] of run.entries.entries()) if (i !== 1) recentTexts.put(run.recordId, hashes[i]!, text);
    const files: Buffer[] = [];
    const letterbox: Letterbox = {
      ...appender(),
      take: (...taken) => {
        if (taken[1] === "care") files.push(Buffer.from(taken[2]));
        return appender().take(...taken);
      },
    };
    const parts = partsWith({ recentTexts, letterbox });
    const opened: string[] = [];
    const { keyRing } = parts;
    const watching = {
      ...keyRing,
      recordKey: (...key: Parameters<typeof keyRing.recordKey>) => {
        const recordKey = keyRing.recordKey(...key);
        return {
          ...recordKey,
          open: (sealed: Buffer, about: Buffer) => {
            opened.push(about.toString("hex"));
            return recordKey.open(sealed, about);
          },
        };
      },
    };
    expect(await faultOf(sealEverything({ ...parts, keyRing: watching as typeof keyRing }))).toBe("none");
    expect(opened).toEqual([hashes[1]]);
    expect(hashes.map((each) => recentTexts.get(each))).toEqual([undefined, undefined, undefined]);
    const lines = linesOf(await openSegment(readSegment(files[0]!), archive.standbyIdentity(trust)));
    expect([...lines].map(({ bytes }) => bytes?.toString())).toEqual(run.entries);
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
