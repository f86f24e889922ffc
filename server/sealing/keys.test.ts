import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bindToken, call } from "#test/boot.ts";
import {
  alone,
  destination,
  enrolTestDevice,
  incident,
  note,
  pull,
  push,
  runOf,
  sendChunk,
  signInTestPerson,
  southgate,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { postgresVersions, sql } from "#test/postgres.ts";
import { usePostgres, useServer } from "#test/set-up.ts";
import { newDevice } from "../../bench/workload.ts";
import { readConfig } from "../config.ts";
import { thumbprintOf } from "../identity/dpop.ts";
import { siteKeySubject } from "../identity/subjects.ts";
import { issueToken } from "../identity/tokens.ts";
import { databaseRoles, openCluster } from "../postgres/cluster.ts";
import { createKeyRing, type KeyRing } from "./key-ring.ts";
import {
  rotateDatabasePasswords,
  rotateInboxKey,
  rotateIndexKey,
  rotateIssuerKey,
  rotateSiteKeys,
  rotateTokenKey,
} from "./rotate-other-keys.ts";
import { type RotationParts, rotateTrustKey } from "./rotate-trust-key.ts";
import { type SealedColumn, sealedColumns } from "./sealed-columns.ts";
import { fileTrustKey, keyFiles } from "./trust-key.ts";

const trust = "northmoor";
const postgres = usePostgres(postgresVersions[0]!);
const server = useServer(() => ({ databaseUrl: postgres.url }));
let tablet: TestDevice;
const chain = testChain();

const url = () => server.cells.get(trust)!.databaseUrl("owner");
const parts = (more: Partial<RotationParts> = {}): RotationParts => ({
  url: ownerUrl,
  dataDirectory: server.dataDirectory,
  trust,
  onProgress: () => {},
  onZonesMayStart: () => {},
  ...more,
});
let ownerUrl: string;
const ringOf = (dataDirectory: string): KeyRing => createKeyRing(fileTrustKey(dataDirectory, trust));

/** Rows of every sealed column, and of the record keys, that a key ring opens and does not open. */
const opened = async (ring: KeyRing): Promise<{ open: number; shut: number }> => {
  const count = { open: 0, shut: 0 };
  const tried = (work: () => unknown) => {
    try {
      work();
      count.open += 1;
    } catch {
      count.shut += 1;
    }
  };
  const text = ({ key, beside }: SealedColumn, name: string) =>
    key[name] === "bytea" || beside.includes(name) ? `encode(${name}, 'hex') AS ${name}` : `${name}::text`;
  for (const column of sealedColumns) {
    const names = [...Object.keys(column.key), ...column.beside].map((name) => text(column, name)).join(", ");
    const rows = await sql<Record<string, string> & { held: never }>(
      ownerUrl,
      `SELECT ${names}, ${column.column} AS held FROM ${column.table}`,
    );
    for (const row of rows) tried(() => ring.openBytes(column.use, row.held, column.about(row)));
  }
  const keys = await sql<{ record_id: string; wrapped: Buffer }>(ownerUrl, "SELECT record_id, wrapped FROM record_key");
  for (const { record_id, wrapped } of keys) tried(() => ring.recordKey(record_id, wrapped));
  return count;
};

beforeAll(async () => {
  tablet = await enrolTestDevice(server, "crew");
  await push(server, tablet, await runOf(tablet, chain, incident, note("before"), destination(southgate)));
  const begun = { sha256: "0".repeat(64), length: 100, type: "image/png" };
  const sent = await sendChunk(server, tablet, chain.recordId, Buffer.from("a picture"), begun);
  expect(sent.status).toBe(204);
  ownerUrl = url();
});
beforeEach(() => server.close());

const linesOf = async () => (await pull(server, tablet, chain.recordId)).lines.length;

describe("rotating the trust key", () => {
  test("every sealed column of the schema is in the table that a rotation goes through", async () => {
    const columns = await sql<{ name: string }>(
      ownerUrl,
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type = 'bytea' AND (column_name LIKE '%sealed%' OR column_name LIKE '%wrapped%')`,
    );
    expect(columns.map(({ name }) => name).sort()).toEqual(
      // Entries are sealed with their record's key, which is what record_key holds.
      [
        ...sealedColumns.map(({ table, column }) => `${table}.${column}`),
        "record_key.wrapped",
        "care_line.sealed",
      ].sort(),
    );
  });

  test("ended half-way it goes on with the same new key; then the old file opens nothing, and the zones go on", async () => {
    const stolen = join(server.dataDirectory, "stolen");
    cpSync(join(server.dataDirectory, "keys"), join(stolen, "keys"), { recursive: true });
    const before = await opened(ringOf(stolen));
    expect(before.open).toBeGreaterThan(20);
    expect(before.shut).toBe(0);

    const half = (done: number, all: number) => {
      if (done > all / 2) throw new Error("the power went");
    };
    await expect(rotateTrustKey(parts({ onProgress: half }))).rejects.toThrow("the power went");
    const { root } = keyFiles(server.dataDirectory, trust);
    const [newest, older] = readFileSync(root, "utf8").trim().split("\n");
    expect(older).toBe(readFileSync(keyFiles(stolen, trust).root, "utf8").trim());
    const between = await opened(ringOf(stolen));
    expect(between.open).toBeGreaterThan(0);
    expect(between.shut).toBeGreaterThan(0);
    // Both generations are in the file, so the zones run meanwhile, and what they write now is of the new one.
    await server.restart();
    expect(await linesOf()).toBe(3);
    await push(server, tablet, await runOf(tablet, chain, note("between")));

    let mayStart = 0;
    expect(await rotateTrustKey(parts({ onZonesMayStart: () => mayStart++ }))).toBeGreaterThan(0);
    expect(mayStart).toBe(1);
    expect(readFileSync(root, "utf8").trim()).toBe(newest);
    await server.close();
    const after = await opened(ringOf(server.dataDirectory));
    expect(after.shut).toBe(0);
    expect(await opened(ringOf(stolen))).toEqual({ open: 0, shut: after.open });

    await server.restart();
    expect(await linesOf()).toBe(4);
    expect((await push(server, tablet, await runOf(tablet, chain, note("after")))).answers[0]?.answer).toBe("accepted");
  });

  test("is refused while zones run that know only the old key, and while access lines wait in a file", async () => {
    const file = () => readFileSync(keyFiles(server.dataDirectory, trust).root, "utf8");
    const before = file();
    await server.restart();
    await expect(rotateTrustKey(parts())).rejects.toThrow(/Zones of northmoor are running/);
    await server.close();
    const waiting = join(server.dataDirectory, "journal", `${trust}.access`);
    cpSync(keyFiles(server.dataDirectory, trust).root, waiting);
    await expect(rotateTrustKey(parts())).rejects.toThrow(/Access lines of northmoor wait/);
    rmSync(waiting);
    expect(file()).toBe(before);
  });
});

describe("rotating the other keys", () => {
  test("index: look-ups by the old key find nothing, by the new one what they found before", async () => {
    const word = ["nhs", "9991112223"] as const;
    const old = ringOf(server.dataDirectory);
    await server.restart();
    const patient = { identity: "stated", familyName: "DEMO-Testcase", nhsNumber: { is: "9991112223" } };
    await push(server, tablet, await runOf(tablet, chain, { kind: "patient", body: patient }));
    await server.close();
    const tokens = async () =>
      (await sql<{ token: Buffer }>(ownerUrl, "SELECT token FROM search_token"))
        .map(({ token }) => token.toString("hex"))
        .sort();
    const before = await tokens();
    expect(before.length).toBeGreaterThan(0);
    await expect(
      rotateIndexKey(
        parts({
          onProgress: () => {
            throw new Error("the power went");
          },
        }),
      ),
    ).rejects.toThrow("the power went");
    expect(await tokens()).toEqual(before);
    await rotateIndexKey(parts());
    const after = await tokens();
    expect(after).toHaveLength(before.length);
    expect(after.filter((token) => before.includes(token))).toEqual([]);
    expect(ringOf(server.dataDirectory).blind(...word)).not.toEqual(old.blind(...word));
    expect(existsSync(`${keyFiles(server.dataDirectory, trust).index}.next`)).toBe(false);
  });

  test("tokens: an earlier one pushes, and its device gets a new one with its certificate and its key", async () => {
    const { tokenKey } = ringOf(server.dataDirectory);
    await rotateTokenKey(parts());
    await server.restart();
    const own = testChain();
    expect((await push(server, tablet, await runOf(tablet, own, incident))).answers[0]?.answer).toBe("accepted");
    await expect(pull(server, tablet, own.recordId)).rejects.toThrow(/401/);
    const beat = (token: string, counter: number) =>
      call(server, {
        zone: "crew",
        token,
        path: "/identity/v1/heartbeat",
        body: {
          protocol: 1,
          counter,
          answered: 0,
          page: { at: 0, of: 1 },
          heads: [],
          certificate: tablet.enrolment.certificate,
        },
      });
    await expect(pull(server, alone(tablet), own.recordId)).rejects.toThrow(/401/);

    // A thief who had the old key makes a token for the tablet, bound to a key of the thief's own.
    const thief = newDevice();
    const forged = issueToken(tokenKey, {
      deviceId: tablet.deviceId,
      keyThumbprint: thumbprintOf(thief.publicKey),
      zone: "crew",
      siteId: undefined,
      readsUntilMs: Date.now() + 60_000,
    });
    bindToken({ ...thief, token: forged });
    expect((await beat(forged, 1)).status).toBe(401);

    const { renewed } = (await beat(tablet.deviceToken, 1)).json();
    const renewedTablet = { ...tablet, token: renewed.token, deviceToken: renewed.token };
    bindToken(renewedTablet);
    tablet = await signInTestPerson(server, renewedTablet);
    expect((await pull(server, tablet, own.recordId)).lines).toHaveLength(1);
  });

  test("issuer, inbox and sites: the next start makes new ones and keeps what must still be checked and opened", async () => {
    const files = keyFiles(server.dataDirectory, trust);
    const paths = [files.issuer, files.inbox, files.site("southgate-ed")];
    const before = paths.map((file) => readFileSync(file, "utf8"));
    await rotateIssuerKey(parts());
    await rotateInboxKey(parts());
    await rotateSiteKeys(parts());
    await server.restart();
    const after = paths.map((file) => readFileSync(file, "utf8"));
    for (const [at, file] of after.entries()) expect(file).not.toBe(before[at]);
    const cell = server.cells.get(trust)!;
    const known = siteKeySubject.parse((await cell.identityLog.find("site-key", "southgate-ed"))!.state).keys;
    expect(known).toHaveLength(2);
    expect(cell.siteKeys.publicKeys.find(({ siteId }) => siteId === "southgate-ed")!.publicKey).toEqual(known[0]);
    const screen = { siteId: "southgate-ed", deviceId: tablet.deviceId, sealTo: tablet.publicKey };
    expect(cell.siteKeys.wrappedFor(screen)!.sealed).toHaveLength(2);
    const keys = await server.cells
      .get(trust)!
      .pools.identity.query(
        "SELECT count(*)::int AS n FROM control_line WHERE kind = 'setting' AND subject_id = 'issuer-keys'",
      );
    expect(keys.rows[0].n).toBe(2);
  });

  test("passwords: zones go on, and the old ones open nothing", async () => {
    await server.restart();
    const cell = server.cells.get(trust)!;
    const before = databaseRoles.map((role) => cell.databaseUrl(role));
    const config = readConfig({ HOLDFAST_DATA: server.dataDirectory, DATABASE_URL: postgres.url });
    const cluster = await openCluster(config);
    await rotateDatabasePasswords(cluster, server.dataDirectory, () => {});
    for (const old of before) await expect(sql(old, "SELECT 1")).rejects.toThrow(/password authentication failed/);
    for (const role of databaseRoles) expect(await sql(cell.databaseUrl(role), "SELECT 1")).toHaveLength(1);
    await expect
      .poll(
        async () =>
          (await push(server, tablet, await runOf(tablet, testChain(), incident)).catch(() => null))?.answers[0]
            ?.answer,
        {
          timeout: 30_000,
        },
      )
      .toBe("accepted");
    await cluster.stop();
  });
});
