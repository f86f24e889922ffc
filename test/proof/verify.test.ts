import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { incident, note, push, runOf, testChain } from "../devices.ts";
import { type ProvedBase, startProvedBase, trust } from "./proved-base.ts";

let base: ProvedBase;
beforeAll(async () => {
  base = await startProvedBase();
  for (let head = 0; head < 3; head++) {
    await base.write(1);
    await base.seal();
  }
});
afterAll(() => base?.remove());

const verifiers = async (): Promise<number> => {
  const { rowCount } = await base.superuser.query(
    "SELECT FROM pg_stat_activity WHERE application_name = 'holdfast verify'",
  );
  return rowCount ?? 0;
};

describe("a comparison of the database with its proof", () => {
  test("reads every head, in pages of whatever length", async () => {
    const { reader } = base.archive;
    const careOf = async (heads: typeof reader.heads) =>
      (await base.verify({ letterbox: { heads, openings: reader.openings }, moreHeads: [] })).logs.find(
        ({ log }) => log === "care",
      )!.provenTo;
    const inPages = await careOf(async (...asked) => (await reader.heads(...asked)).slice(0, 1));
    expect(inPages).toBe(base.cosigned.care.at(-1));
    expect(await careOf(reader.heads)).toBe(inPages);
  });

  test("that is stopped lets go of the database, and is no result", async () => {
    const stop = new AbortController();
    const proving = base.verify({ signal: stop.signal, onProgress: () => stop.abort() });
    await expect(proving).rejects.toThrow();
    await vi.waitUntil(async () => (await verifiers()) === 0, { timeout: 20_000 });
    await expect(base.verify({ signal: stop.signal })).rejects.toThrow("aborted");
  });

  test("whose connection breaks while the archive is read ends by itself, and nothing else does", async () => {
    const chain = testChain();
    await push(base.server, base.tablet, await runOf(base.tablet, chain, incident, note("PLANTED")));
    await base.superuser.query("UPDATE care_line SET sealed = '\\x00' WHERE record_id = $1", [chain.recordId]);
    const breaking = {
      ...base.archive.reader,
      after: async () => {
        await base.superuser.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast verify'",
        );
        await vi.waitUntil(async () => (await verifiers()) === 0, { timeout: 20_000 });
        // What its end says has been read by now.
        await new Promise(setImmediate);
        return [];
      },
    };
    const identity = base.archive.standbyIdentity(trust);
    await expect(base.verify({ letterbox: breaking, identity })).rejects.toThrow();
  });
});
