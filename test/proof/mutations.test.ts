import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LogName, logNames } from "#defence/log/line.ts";
import { pick, seededRandom } from "#demo/random.ts";
import type { ProofResult } from "#protocol/control/proof.ts";
import { witnessedHeads } from "#server/verify/open-prover.ts";
import { incident, note, push, runOf, testChain } from "../devices.ts";
import { sizes } from "../sizes.ts";
import { type ArchiveFiles, readFiles, withFiles } from "./archive-files.ts";
import { archiveMutations, rewrite, segmentsOf } from "./archive-mutations.ts";
import { databaseMutations, keepTables } from "./database-mutations.ts";
import { beat, fillProvedBase, type ProvedBase, startProvedBase, trust } from "./proved-base.ts";
import { type SmallResult, smallVerifier } from "./small-verifier.ts";

const seed = Number(process.env.HOLDFAST_SEED ?? 20_261_123);
/** Of the changes one half is made to the database, the other to the archive. */
const half = sizes.mutations / 2;
let base: ProvedBase;
let files: ArchiveFiles;
let restoreTables: () => Promise<void>;
let cleanRuns = 0;

beforeAll(async () => {
  base = await startProvedBase();
  for (let step = 0; step < 10; step++) {
    await fillProvedBase(base, step === 0 ? 3 : 1);
    for (const more of [{}, { identity: base.archive.standbyIdentity(trust) }]) {
      expect(problemsOf(await base.verify(more))).toEqual([]);
      cleanRuns += 1;
    }
  }
  files = readFiles(join(base.archive.letterboxDirectory, "segments"));
}, 600_000);
afterAll(() => base?.remove());

const problemsOf = ({ logs }: ProofResult) =>
  logs.flatMap(({ log, problems }) => problems.map((each) => ({ log, ...each })));
const lastOf = (log: LogName): number => base.cosigned[log].at(-1)!;
const checkFiles = async (
  changed: ArchiveFiles,
  more: { witnessed?: boolean; witnesses?: boolean; identity?: boolean } = {},
): Promise<SmallResult> => {
  const { witnessed = true, witnesses: asked = true, identity = true } = more;
  const logKeys = base.archive.logKeys(trust);
  const witnesses = asked ? [smallVerifier.readWitness(base.witness.split("@")[0]!)] : [];
  const seen = witnessed ? await witnessedHeads([base.witness]) : [];
  return withFiles(changed, (directory) =>
    smallVerifier.verifyArchive({
      directory,
      logKeys,
      witnesses,
      heads: seen.map((text) => smallVerifier.readHead(text, logKeys, witnesses)),
      deviceHeads: [],
      trusts: [trust],
      ...(identity && { identity: smallVerifier.readIdentity(base.archive.standbyIdentity(trust)) }),
    }),
  );
};
const partsOf = (changed: ArchiveFiles, log: LogName, random: () => number) => ({
  files: changed,
  trust,
  log,
  logKey: base.logKey,
  recipients: base.archive.recipients(trust),
  identity: base.archive.standbyIdentity(trust),
  random,
});

describe("what is younger than the last head", () => {
  test("is found when the devices that wrote it tell of it", async () => {
    const { server, tablet, superuser } = base;
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident, note("kept")));
    const run = await runOf(tablet, chain, note("lost"));
    await push(server, tablet, run);
    expect(problemsOf(await base.verify())).toEqual([]);
    cleanRuns += 1;
    await superuser.query("SET session_replication_role = replica");
    await superuser.query("DELETE FROM care_line WHERE position = (SELECT max(position) FROM care_line)");
    await superuser.query("UPDATE log_head SET position = position - 1 WHERE log = 'care'");
    await superuser.query("UPDATE record_head SET last_position = last_position - 1 WHERE record_id = $1", [
      chain.recordId,
    ]);
    // Nothing but the tablet remembers it.
    expect(problemsOf(await base.verify())).toEqual([]);
    const head = { deviceId: run.deviceId, recordId: run.recordId, ...run.head };
    expect((await beat(base, tablet, 1, [head])).status).toBe(200);
    const found = await base.verify();
    expect(problemsOf(found)).toMatchObject([{ log: "care", kind: "missing" }]);
    expect(found.logs.find(({ log }) => log === "care")!.records).toEqual([chain.recordId]);
    // It sends what the base lacks, and nothing is wrong any more.
    await superuser.query("SET session_replication_role = DEFAULT");
    await base.server.cells.get(trust)!.newIncarnation();
    await push(server, tablet, run);
    expect(problemsOf(await base.verify())).toEqual([]);
  });

  test("is found by its signature and its chain where the trust key was used to change it", async () => {
    const { server, tablet, superuser, keyRing } = base;
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident, note("young")));
    await superuser.query("SET session_replication_role = replica");
    const { rows } = await superuser.query("SELECT max(position) AS last FROM care_line");
    const forge = databaseMutations.find(({ name }) => name.startsWith("write other words"))!;
    const kept = await superuser.query("SELECT hash, sealed FROM care_line WHERE position = $1", [rows[0].last]);
    const last = Number(rows[0].last);
    const parts = { client: superuser, keyRing, log: "care" as const, last, random: () => 0.999_999 };
    expect(await forge.run(parts)).toBe(last);
    expect(problemsOf(await base.verify())).toMatchObject([{ log: "care", kind: "changed", from: last }]);
    await superuser.query("UPDATE care_line SET hash = $2, sealed = $3 WHERE position = $1", [
      last,
      kept.rows[0].hash,
      kept.rows[0].sealed,
    ]);
    await superuser.query("SET session_replication_role = DEFAULT");
    expect(problemsOf(await base.verify())).toEqual([]);
  });
});

describe("with the base stopped", () => {
  beforeAll(async () => {
    await base.server.close();
    restoreTables = await keepTables(base.superuser);
  });

  test(`${half} changes to the database, made as superuser with triggers off, are all found`, async () => {
    const random = seededRandom(seed);
    const counts: Record<string, number> = {};
    const unfound: string[] = [];
    for (let done = 0; done < half; ) {
      const mutation = databaseMutations[done % databaseMutations.length]!;
      const log = pick(mutation.logs, random);
      const first = await mutation.run({
        client: base.superuser,
        keyRing: base.keyRing,
        log,
        last: lastOf(log),
        random,
      });
      if (first !== undefined) {
        const identity = random() < 0.3 ? { identity: base.archive.standbyIdentity(trust) } : {};
        const { logs } = await base.verify(identity);
        const found = logs.find((each) => each.log === log)!;
        const isFound = found.problemCount > 0 && found.cleanLine < first && found.provenTo < first;
        if (!isFound) unfound.push(`${mutation.name}, ${log}, line ${first}: ${JSON.stringify(found)}`);
        counts[mutation.name] = (counts[mutation.name] ?? 0) + 1;
        done += 1;
      }
      await restoreTables();
    }
    expect(unfound).toEqual([]);
    expect(Object.keys(counts)).toHaveLength(databaseMutations.length);
    expect(problemsOf(await base.verify())).toEqual([]);
    console.log(
      `mutations of the database, seed ${seed}: ${half} of ${databaseMutations.length} classes, all found; ${cleanRuns + 1} clean runs, 0 false`,
    );
  }, 1_800_000);

  test(`${half} changes to the archive's files are all found by the small verifier`, async () => {
    const random = seededRandom(seed + 1);
    const unfound: string[] = [];
    const classes = new Set<string>();
    for (let done = 0; done < half; ) {
      const mutation = archiveMutations[done % archiveMutations.length]!;
      const log = pick(logNames, random);
      const changed = new Map(files);
      const first = await mutation.run(partsOf(changed, log, random));
      if (first === undefined) continue;
      const identity = mutation.needsIdentity === true || random() < 0.7;
      const { good, trusts } = await checkFiles(changed, { identity });
      const found = trusts[0]!.logs.find((each) => each.log === log)!;
      const isRight = !good && (first === null || (found.cleanLine < first && found.provenTo < first));
      if (!isRight)
        unfound.push(`${mutation.name}, ${log}, line ${first}, identity ${identity}: ${JSON.stringify(found)}`);
      classes.add(mutation.name);
      done += 1;
    }
    expect(unfound).toEqual([]);
    expect(classes.size).toBe(archiveMutations.length);
    expect((await checkFiles(files)).good).toBe(true);
    expect((await checkFiles(files, { identity: false })).good).toBe(true);
    console.log(
      `mutations of the archive, seed ${seed}: ${half} of ${classes.size} classes, all found; 2 clean runs, 0 false`,
    );
  }, 1_800_000);

  test("database and archive rolled back together are found by what the witness saw", async () => {
    const random = seededRandom(seed + 2);
    await base.superuser.query("DELETE FROM claimed_head");
    const cut = archiveMutations.find(({ name }) => name.startsWith("cut off"))!;
    for (const log of logNames) {
      const changed = new Map(files);
      const first = (await cut.run(partsOf(changed, log, random)))!;
      await base.superuser.query(`DELETE FROM ${log}_line WHERE position >= $1`, [first]);
      await base.superuser.query("UPDATE log_head SET position = $2 WHERE log = $1", [log, first - 1]);
      const heads = async (_trust: string, which: LogName, after: number) =>
        [...changed]
          .filter(
            ([path]) =>
              path.startsWith(`${trust}/${which}-heads/`) && Number(/(\d+)\.\w+\.head$/.exec(path)![1]) > after,
          )
          .map(([, bytes]) => bytes.toString());
      const found = (await base.verify({ letterbox: { heads, openings: async () => [] } })).logs.find(
        (each) => each.log === log,
      )!;
      expect(found).toMatchObject({ cleanLine: first - 1, provenTo: first - 1 });
      expect(found.problems.map(({ kind }) => kind)).toContain("rolled-back");
      const small = (await checkFiles(changed)).trusts[0]!.logs.find((each) => each.log === log)!;
      expect(small).toMatchObject({ cleanLine: first - 1, provenTo: first - 1 });
      // The control: nobody outside has seen anything.
      const alone = (await base.verify({ letterbox: { heads, openings: async () => [] }, moreHeads: [] })).logs.find(
        (each) => each.log === log,
      )!;
      expect(alone.problemCount).toBe(0);
      expect((await checkFiles(changed, { witnessed: false })).good).toBe(true);
      await restoreTables();
    }
  });

  test("control: without a witness a split view is not found", async () => {
    const random = seededRandom(seed + 3);
    for (const log of logNames) {
      const changed = new Map(files);
      const from = Math.floor(random() * segmentsOf({ files, trust, log }).length);
      await rewrite(partsOf(changed, log, random), from, (lines) => {
        lines[0]!.received = "2026-01-01T00:00:00.000Z";
      });
      expect((await checkFiles(changed, { witnessed: false, witnesses: false })).good).toBe(true);
      const { good, trusts } = await checkFiles(changed);
      expect(good).toBe(false);
      const { problems } = trusts[0]!.logs.find((each) => each.log === log)!;
      expect(problems.map(({ kind }) => kind)).toContain("split-view");
    }
  });

  test(`the clean point is right at ${sizes.attacks} of ${sizes.attacks} times of attack`, async () => {
    const random = seededRandom(seed + 4);
    const forge = databaseMutations.find(({ name }) => name.startsWith("write other words"))!;
    let right = 0;
    for (let done = 0; done < sizes.attacks; ) {
      const log = pick(logNames, random);
      const first = await forge.run({ client: base.superuser, keyRing: base.keyRing, log, last: lastOf(log), random });
      if (first === undefined) continue;
      const before = base.cosigned[log].filter((size) => size < first).at(-1) ?? 0;
      const of = (result: ProofResult) => result.logs.find((each) => each.log === log)!;
      const [alone, withArchive] = [
        of(await base.verify()),
        of(await base.verify({ identity: base.archive.standbyIdentity(trust) })),
      ];
      expect(alone).toMatchObject({ provenTo: before });
      expect(withArchive).toMatchObject({ provenTo: before });
      expect(withArchive.problems.find(({ kind }) => kind === "changed")).toMatchObject({ from: first, to: first });
      right += 1;
      done += 1;
      await restoreTables();
    }
    console.log(`clean point: right at ${right} of ${sizes.attacks} times of attack, seed ${seed}`);
  }, 1_800_000);

  test("says exactly what was changed, removed, added and reordered, and which records, where it may read the archive", async () => {
    const random = seededRandom(seed + 5);
    const identity = base.archive.standbyIdentity(trust);
    const kinds: Record<string, string> = {
      "delete a line": "removed",
      "delete a line and close the gap": "removed",
      "insert a line": "added",
      "reorder two lines": "reordered",
      "write other words": "changed",
      "flip a byte of what": "changed",
      "change when or by whom": "changed",
    };
    for (const [name, kind] of Object.entries(kinds)) {
      const mutation = databaseMutations.findLast((each) => each.name.startsWith(name))!;
      const parts = {
        client: base.superuser,
        keyRing: base.keyRing,
        log: "care",
        last: lastOf("care"),
        random,
      } as const;
      // One that could not be made where the dice fell is made elsewhere.
      while ((await mutation.run(parts)) === undefined) await restoreTables();
      const found = (await base.verify({ identity })).logs.find(({ log }) => log === "care")!;
      expect(
        found.problems.map((each) => each.kind),
        name,
      ).toContain(kind);
      expect(found.recordCount, name).toBeGreaterThan(0);
      await restoreTables();
    }
  });
});
