import { randomBytes } from "node:crypto";
import pg from "pg";
import { protocolVersion } from "#protocol/version.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { byteas, int8s, texts, uuids } from "#server/postgres/binary-array.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { inParallel, type LoadClient } from "./load.ts";
import { type Measurement, ratioOf } from "./measurement.ts";
import { type PreparedPush, prepare, pushAccepted } from "./pushes.ts";
import { progress, type Rig, withRig } from "./rig.ts";
import { scale } from "./storm.ts";
import { type LoadDevice, uuid7 } from "./workload.ts";

/** What the access log costs those who work, and how fast it answers whom an account has seen. */
export const access = async (): Promise<Measurement[]> => [await patients(), ...(await cost())];

const linesStored = Math.round(1_000_000 * scale);
const linesAtATime = 2_000;
const reads = 7;

/** The hardest case: one account made every line. */
const patients = (): Promise<Measurement> =>
  withRig(0, async (rig) => {
    const url = new URL(rig.adminUrl);
    url.pathname = "/holdfast_northmoor";
    const pool = new pg.Pool({ connectionString: url.href, max: 1 });
    const from = new Date();
    const seen = new Set<string>();
    const user = "bench-account";
    for (let stored = 0; stored < linesStored; stored += linesAtATime) {
      await appendLines(pool, user, seen);
      if (stored % 200_000 === 0) progress(`access.patients: ${stored} lines are stored`);
    }
    await pool.query("ANALYZE access_line");
    const queries = accessQueries(pool, createKeyRing(fileTrustKey(rig.dataDirectory, "northmoor")));
    const to = new Date(Date.now() + 1_000);
    const runs: number[] = [];
    for (let run = 0; run < reads; run++) {
      const started = performance.now();
      const { records, more } = await queries.affected({ userId: user }, from, to);
      runs.push((performance.now() - started) / 1000);
      if (records.length !== seen.size || more) throw new Error(`${records.length} of ${seen.size} records were found`);
      progress(`access.patients: ${runs.at(-1)!.toFixed(2)} s`);
    }
    await pool.end();
    return {
      name: "access.patients",
      unit: "s",
      better: "less",
      runs,
      goal: "≤ 60 s, aim ≤ 2 s",
      note: `${linesStored} access lines, all of the account asked about; ${seen.size} records came out`,
    };
  });

/** A shift's reading in small: most lines are about one record, one in ten is a board that opens. */
const appendLines = async (pool: pg.Pool, user: string, seen: Set<string>): Promise<void> => {
  const recent = Array.from({ length: linesAtATime / 5 }, uuid7);
  const lists = Array.from({ length: linesAtATime }, (_, i) => {
    const first = Math.floor(Math.random() * recent.length);
    return i % 10 === 0 ? recent.slice(first, first + 12) : [recent[first]!];
  });
  for (const recordId of lists.flat()) seen.add(recordId);
  const each = <T>(value: T) => lists.map(() => value);
  const [deviceId, sessionId] = [uuid7(), uuid7()];
  const text =
    "SELECT append_access($1::uuid[], $2, $3::uuid[], $4, $5, $6::uuid[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bytea[])";
  await pool.query({
    name: "append",
    text,
    values: [
      uuids(each(deviceId)),
      texts(each(user)),
      uuids(each(sessionId)),
      texts(lists.map((ids) => (ids.length > 1 ? "arrivals" : "pull"))),
      texts(lists.map((ids) => `{${ids.join(",")}}`)),
      uuids(each(null)),
      int8s(each(null)),
      int8s(each(null)),
      byteas(lists.map(() => randomBytes(32))),
      byteas(lists.map((ids) => randomBytes(350 + 39 * ids.length))),
    ],
  });
};

const tablets = 32;
const screens = 32;
const turns = 12;
const rounds = 8;

/** The same work with the log on and off, in turns, on one server. */
const cost = (): Promise<Measurement[]> =>
  withRig(tablets, async (rig) => {
    const boards = await rig.enrolScreens(screens);
    const [crew, care] = [rig.crew(tablets), rig.care(screens)];
    const withLog = async (isOn: boolean, work: () => Promise<number>): Promise<number> => {
      await rig.logging(isOn);
      return work();
    };
    const measured = async (name: string, work: () => Promise<number>) => {
      await work();
      const runs: number[] = [];
      const limits: number[] = [];
      for (let turn = 0; turn < turns; turn++) {
        // Boards grow with every turn, so each side goes first as often as second.
        for (const isOn of turn % 2 === 0 ? [true, false] : [false, true])
          (isOn ? runs : limits).push(await withLog(isOn, work));
      }
      const result = { runs, limits };
      progress(`${name}: ratio ${ratioOf({ name, unit: "", better: "more", ...result })!.toFixed(3)}`);
      return result;
    };
    const board = await measured("access.cost.board", () => boardReads(rig, crew, care, boards));
    const ingest = await measured("access.cost.ingest", () => ingestWithReaders(rig, crew, care, boards));
    crew.close();
    care.close();
    const goal = "ratio ≥ 0.85";
    const parts: Measurement[] = [
      {
        name: "access.cost.board",
        unit: "reads/s",
        better: "more",
        ...board,
        goal,
        note: `${screens} boards, each poll finds a change and so is a line; limit: the log switched off`,
      },
      {
        name: "access.cost.ingest",
        unit: "entries/s",
        better: "more",
        ...ingest,
        goal,
        note: `pushes of 20 from ${tablets} tablets, an opened record told with each second, a board polled with each fourth; limit: the log switched off`,
      },
    ];
    const dearer = parts.toSorted((a, b) => ratioOf(a)! - ratioOf(b)!)[0]!;
    return [{ ...dearer, name: "access.cost", note: `the dearer of the two below` }, ...parts];
  });

/** Reads a second. A new record before each round changes every board. */
const boardReads = async (rig: Rig, crew: LoadClient, care: LoadClient, boards: LoadDevice[]): Promise<number> => {
  let seconds = 0;
  for (let round = 0; round < rounds; round++) {
    for (const push of await prepare(rig.devices[0]!, { entries: 2, perPush: 2, perRecord: 2 }))
      await pushAccepted(crew, push);
    seconds += await inParallel(
      boards.map((screen) => () => readBoard(care, screen)),
      screens,
    );
  }
  return (rounds * boards.length) / seconds;
};

const readBoard = async (care: LoadClient, screen: LoadDevice): Promise<void> => {
  const answer = await care.get("/arrivals/v1", screen);
  if (answer.status !== 200) throw new Error(`the board answered ${answer.status}: ${answer.body.slice(0, 300)}`);
};

/** Entries a second, with what is read and told meanwhile. */
const ingestWithReaders = async (
  rig: Rig,
  crew: LoadClient,
  care: LoadClient,
  boards: LoadDevice[],
): Promise<number> => {
  const sizes = { entries: 200, perPush: 20, perRecord: 200 };
  const work = await Promise.all(rig.devices.map((device) => prepare(device, sizes)));
  const started = performance.now();
  await Promise.all(
    work.map(async (pushes, tablet) => {
      for (const [i, push] of pushes.entries()) {
        const polls = i % 4 === 0 ? [readBoard(care, boards[tablet % boards.length]!)] : [];
        // A record has some forty entries, and is opened once by whoever writes it.
        const told = i % 2 === 0 ? [tellOpened(crew, push)] : [];
        await Promise.all([pushAccepted(crew, push), ...told, ...polls]);
      }
    }),
  );
  return (rig.devices.length * sizes.entries) / ((performance.now() - started) / 1000);
};

const tellOpened = async (crew: LoadClient, { device, recordId }: PreparedPush): Promise<void> => {
  const accesses = [{ id: uuid7(), recordId, at: new Date().toISOString() }];
  const body = JSON.stringify({ protocol: protocolVersion, accesses });
  const answer = await crew.post("/sync/v1/accesses", body, device);
  if (answer.status !== 200) throw new Error(`accesses answered ${answer.status}: ${answer.body.slice(0, 300)}`);
};
