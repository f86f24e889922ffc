import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bootForTest, type TestServer } from "#test/boot.ts";
import {
  destination,
  enrolTestDevice,
  incident,
  note,
  push,
  runOf,
  sendChunk,
  southgate,
  testChain,
} from "#test/devices.ts";
import { filesWithWords, wordsIn } from "#test/planted-words.ts";
import { sql } from "#test/postgres.ts";
import { trusts } from "../trusts.ts";
import type { KeyRing, RecordKey } from "./key-ring.ts";

/** What a patient's record says, each said in one place only. */
const planted = {
  surname: "Quillmarkersson",
  nhsNumber: "9991234560",
  birthDate: "1931-02-27",
  note: "Zephyrmarker",
  quarantined: "Brackenmarker",
  picture: "Larkspurmarker",
  prealert: "Tamariskmarker",
};
const words = Object.values(planted);

const plant = async (server: TestServer, trust: string): Promise<void> => {
  const tablet = await enrolTestDevice(server, "crew", "DEMO-TABLET-1", trust);
  const chain = testChain();
  const patient = {
    identity: "stated",
    familyName: `DEMO-${planted.surname}`,
    birthDate: planted.birthDate,
    nhsNumber: { is: planted.nhsNumber },
  };
  const run = await runOf(
    tablet,
    chain,
    incident,
    { kind: "patient", body: patient },
    note(`${planted.note} says`),
    destination(southgate),
    { kind: "prealert", body: { site: southgate, reason: planted.prealert } },
  );
  const pushed = await push(server, tablet, run);
  expect(pushed.answers.every(({ answer }) => answer === "accepted")).toBe(true);
  const unreadable = { ...(await runOf(tablet, testChain(), incident)), entries: [`no entry ${planted.quarantined}`] };
  expect((await push(server, tablet, unreadable)).answers[0]?.answer).toBe("quarantined");

  const picture = Buffer.from(`${planted.picture} in a picture`);
  const sent = await sendChunk(server, tablet, chain.recordId, picture, { type: "image/png" });
  expect(sent.status).toBe(204);
};

/** Every row of every table as text, which is what a dump of the database holds. */
const dumpOf = async (ownerUrl: string): Promise<Buffer> => {
  const tables = await sql<{ name: string }>(
    ownerUrl,
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = await sql<{ line: string }>(ownerUrl, `SELECT t::text AS line FROM ${name} t`);
    parts.push(...rows.map(({ line }) => line));
  }
  return Buffer.from(parts.join("\n"));
};

/** Which planted words are in each database's dump, and in which files of the data directory once everything is stopped. */
const scanned = async (keyRing?: (trust: string) => KeyRing) => {
  const server = await bootForTest(keyRing ? { keyRing } : {});
  try {
    const dumps: { bytes: number; words: string[] }[] = [];
    for (const { trust } of trusts) {
      await plant(server, trust);
      const dump = await dumpOf(server.cells.get(trust)!.databaseUrl("owner"));
      dumps.push({ bytes: dump.length, words: wordsIn(dump, words) });
    }
    // A stop writes everything to the tables' files; the log of what was written is there as well.
    await server.close();
    return { dumps, ...filesWithWords(server.dataDirectory, words) };
  } finally {
    await server.remove();
  }
};

/** Seals nothing: what the test is worth. */
const openKeyRing = (): KeyRing => {
  const plain: RecordKey = {
    key: createSecretKey(Buffer.alloc(32)),
    wrapped: Buffer.from("none"),
    seal: (bytes) => Buffer.from(bytes),
    open: (bytes) => Buffer.from(bytes),
  };
  return {
    newRecordKey: () => plain,
    recordKey: () => plain,
    forgetRecord: () => {},
    seal: (_use, text) => Buffer.from(text),
    open: (_use, sealed) => Buffer.from(sealed).toString(),
    sealBytes: (_use, bytes) => Buffer.from(bytes),
    openBytes: (_use, sealed) => Buffer.from(sealed),
    blind: (_field, word) => Buffer.from(word),
    tokenKey: Buffer.alloc(32),
    formerTokenKeys: [],
    derive: () => Buffer.alloc(32),
  };
};

describe("at rest", () => {
  test("no planted word is in a dump of any database, or in any file of the data directory", async () => {
    const { dumps, files, found } = await scanned();
    expect(dumps.map((dump) => dump.words)).toEqual([[], []]);
    expect(Math.min(...dumps.map(({ bytes }) => bytes))).toBeGreaterThan(5_000);
    expect(files).toBeGreaterThan(1_000);
    expect(found).toEqual([]);
  });

  test("control: with sealing off every word is found, in the dumps and in the files", async () => {
    const { dumps, found } = await scanned(openKeyRing);
    for (const dump of dumps) expect(dump.words.sort()).toEqual([...words].sort());
    const inFiles = new Set(found.flatMap((each) => each.words));
    expect([...inFiles].sort()).toEqual([...words].sort());
  });
});
