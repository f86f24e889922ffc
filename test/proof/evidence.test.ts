import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LogName, logNames } from "#defence/log/line.ts";
import { seededRandom } from "#demo/random.ts";
import { openLogKey } from "#server/archive/log-key.ts";
import { readConfig } from "#server/config.ts";
import { type EvidenceParts, makeEvidence } from "#server/evidence/evidence.ts";
import { programFiles } from "#server/evidence/program-files.ts";
import { witnessClient } from "#server/heads/witness-client.ts";
import { witnessedHeads } from "#server/verify/open-prover.ts";
import { openTestDesk } from "../desk.ts";
import { incident, push, runOf, testChain } from "../devices.ts";
import { wordsIn } from "../planted-words.ts";
import { sizes } from "../sizes.ts";
import { type PackFiles, packOf, readPack, signedAgain } from "./pack-files.ts";
import { packMutations } from "./pack-mutations.ts";
import { fillProvedBase, type ProvedBase, startProvedBase, trust } from "./proved-base.ts";
import { packVerifierPath, smallVerifier, verifyPack } from "./small-verifier.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const seed = Number(process.env.HOLDFAST_SEED ?? 20_261_124);
const planted = ["PLANTED-NAME", "PLANTED-NOTE", "PLANTED-REASON", "PLANTED-SECRET"];
const folder = mkdtempSync(join(tmpdir(), "holdfast-evidence-"));
const at = (name: string): string => join(folder, name);
let base: ProvedBase;
let pack: Buffer;
let made = 0;

const program = {
  lockFile: readFileSync(join(root, "package-lock.json"), "utf8"),
  files: `${"0".repeat(64)}  server/main.ts\n`,
};
const evidenceOf = async (of = trust, more: Partial<EvidenceParts> = {}) => {
  const { server, archive, witness } = base;
  const { keyRing, databaseUrl } = server.cells.get(of)!;
  made += 1;
  const path = at(`${made}.tar`);
  const evidence = await makeEvidence({
    trust: of,
    url: databaseUrl("archive"),
    keyRing,
    logKeys: archive.logKeys(of),
    logKey: openLogKey(archive.base, of, keyRing),
    witnesses: [witnessClient(witness).key],
    moreHeads: await witnessedHeads([witness]),
    letterbox: archive.reader,
    graceMs: 0,
    config: readConfig({ HOLDFAST_WITNESSES: witness, DATABASE_URL: "postgres://holdfast:PLANTED-SECRET@database/" }),
    program,
    path,
    ...more,
  });
  return { evidence, path, pack: readFileSync(path) };
};
/** What the small verifier says; undefined where it is not good. */
const checked = (bytes: Buffer, { witnesses = [base.witness.split("@")[0]!], heads = [] as string[] } = {}) => {
  const logKeys = base.archive.logKeys(trust);
  writeFileSync(at("checked.tar"), bytes);
  try {
    return verifyPack(at("checked.tar"), {
      logKeys,
      witnesses: witnesses.map(smallVerifier.readWitness),
      heads: (trusted) => heads.map((text) => smallVerifier.readHead(text, logKeys, trusted)),
    });
  } catch {
    return undefined;
  }
};
const jsonIn = (files: PackFiles, name: string) => JSON.parse(files.get(name)!.toString());
const linesIn = (files: PackFiles) =>
  [...files]
    .filter(([name]) => name.startsWith("timeline-"))
    .flatMap(([, bytes]) => bytes.toString().trimEnd().split("\n"))
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  base = await startProvedBase();
  const { server, tablet } = base;
  const patient = {
    kind: "patient",
    body: { identity: "stated", givenName: "PLANTED-NAME", familyName: "PLANTED-NAME" },
  };
  await push(server, tablet, await runOf(tablet, testChain(), incident, patient));
  const desk = await openTestDesk(server, "s-one", ["configuration"]);
  const rows = (await desk.get("settings")).json<{ settings: { id: string; position: number }[] }>().settings;
  const expected = rows.find(({ id }) => id === "provider.clientSecret")!.position;
  const change = { value: "PLANTED-SECRET", reason: "PLANTED-REASON", expected };
  expect((await desk.post("settings/provider.clientSecret", change)).status).toBe(200);
  await fillProvedBase(base, 4);
  ({ pack } = await evidenceOf());
}, 300_000);
afterAll(async () => {
  await base?.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe("an evidence pack", () => {
  test("is checked offline by the small verifier, and says what there is", async () => {
    expect(checked(pack)).toMatchObject({ nothingWrong: true });
    expect(checked(pack, { witnesses: [] })).toMatchObject({ nothingWrong: true });
    const files = readPack(pack);
    expect([...files.keys()]).toEqual([
      "README.txt",
      "verification.json",
      "clean-point.json",
      "heads-care.json",
      "heads-access.json",
      "heads-control.json",
      "program-bom.cdx.json",
      "program-files.sha256",
      "timeline-0001.jsonl",
      "settings.json",
      "findings.json",
      "MANIFEST",
    ]);
    for (const { log, provenTo, cleanLine } of jsonIn(files, "clean-point.json").logs)
      expect([log, provenTo, cleanLine]).toEqual([log, base.cosigned[log as LogName].at(-1), cleanLine]);
    const lines = linesIn(files);
    for (const { log, lines: count } of jsonIn(files, "verification.json").logs)
      expect(lines.filter((line) => line.log === log)).toHaveLength(count);
    expect(jsonIn(files, "findings.json").findings.map(({ code }: { code: string }) => code)).toEqual(
      expect.arrayContaining(["archive-not-read", "no-restore-proof"]),
    );
  });

  test("names no patient, no reason and no secret, and tells who changed which setting", () => {
    expect(wordsIn(pack, planted)).toEqual([]);
    const { program: started, changes } = jsonIn(readPack(pack), "settings.json");
    expect(started).toMatchObject({ database: "by DATABASE_URL" });
    expect(changes).toContainEqual(
      expect.objectContaining({ setting: "provider.clientSecret", value: "set", person: "s-one" }),
    );
    // The control: the words would be found.
    expect(wordsIn(Buffer.concat([pack, Buffer.from("PLANTED-NOTE")]), planted)).toEqual(["PLANTED-NOTE"]);
  });

  test("lists packages as CycloneDX, and the program's files by their hashes", () => {
    const bom = jsonIn(readPack(pack), "program-bom.cdx.json");
    expect(bom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
    const fastify = bom.components.find(({ name }: { name: string }) => name === "fastify");
    expect(fastify).toMatchObject({
      type: "library",
      scope: "required",
      purl: `pkg:npm/fastify@${fastify.version}`,
      hashes: [{ alg: "SHA-512", content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
    });
    const references = bom.components.map((each: Record<string, string>) => each["bom-ref"]);
    expect(new Set(references).size).toBe(references.length);
    expect(references).toContain("pkg:npm/%40fastify/cors@11.4.3");
    const files = programFiles(root);
    expect(files).toMatch(/^[0-9a-f]{64} {2}server\/main\.ts$/m);
    expect(files).not.toContain("node_modules");
    const { references: parts } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
    for (const { path } of parts as { path: string }[])
      if (path !== "./test") expect(files).toContain(`  ${path.slice(2)}/`);
  });

  test("is the same bytes when it is made again, and in several files where there are many lines", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date() });
    try {
      const [one, two] = [await evidenceOf(), await evidenceOf()];
      expect(one.pack.equals(two.pack)).toBe(true);
      const many = await evidenceOf(trust, { linesPerFile: 7 });
      expect(linesIn(readPack(many.pack))).toEqual(linesIn(readPack(one.pack)));
      expect(many.evidence.files.filter(({ name }) => name.startsWith("timeline-")).length).toBeGreaterThan(3);
      expect(checked(many.pack)).toMatchObject({ nothingWrong: true });
    } finally {
      vi.useRealTimers();
    }
  });

  test("of a base where a line was removed is good, and says which log, since when and up to which line", async () => {
    const { superuser } = base;
    const first = base.cosigned.care.at(-2)! + 1;
    await superuser.query("BEGIN; SET LOCAL session_replication_role = replica");
    await superuser.query("CREATE TABLE removed AS SELECT * FROM care_line WHERE position = $1", [first]);
    await superuser.query("DELETE FROM care_line WHERE position = $1", [first]);
    await superuser.query("COMMIT");
    try {
      const { evidence, pack: told } = await evidenceOf();
      expect(evidence).toMatchObject({ good: false });
      const said = checked(told)!;
      expect(said.nothingWrong).toBe(false);
      expect(said.logs.find(({ log }) => log === "care")).toMatchObject({
        cleanLine: first - 1,
        provenTo: base.cosigned.care.at(-2),
      });
      expect(evidence.cleanPoint.at).toBe(said.logs.find(({ log }) => log === "care")!.provenAt);
      const findings = evidence.findings.filter(({ code }) => code === "not-as-written");
      expect(findings[0]).toMatchObject({ log: "care", from: first, to: first });
    } finally {
      await superuser.query("INSERT INTO care_line SELECT * FROM removed; DROP TABLE removed");
    }
    expect(checked((await evidenceOf()).pack)).toMatchObject({ nothingWrong: true });
  });

  test("is written whole or not at all, and over nothing", async () => {
    const path = at("fails.tar");
    const fails = evidenceOf(trust, {
      path,
      onTimeline: () => {
        throw new Error("the disk is gone");
      },
    });
    await expect(fails).rejects.toThrow("the disk is gone");
    expect(() => readFileSync(path)).toThrow();
    expect(() => readFileSync(`${path}.unfinished`)).toThrow();
    writeFileSync(`${path}.unfinished`, "somebody else's");
    await expect(evidenceOf(trust, { path })).rejects.toMatchObject({ code: "EEXIST" });
    expect(readFileSync(`${path}.unfinished`, "utf8")).toBe("somebody else's");
  });
});

describe("a pack that was changed", () => {
  test(`is refused: ${sizes.packs} packs, by whoever carries them and by whoever has the log key`, async () => {
    const random = seededRandom(seed);
    const { keyRing } = base.server.cells.get("westvale")!;
    const otherLogKey = openLogKey(base.archive.base, "westvale", keyRing);
    const { pack: otherPack } = await evidenceOf("westvale");
    const parts = { pack, otherPack, trust, logKey: base.logKey, otherLogKey, random };
    const passed: string[] = [];
    const classes = new Map<string, number>();
    for (let done = 0, turn = 0; done < sizes.packs; turn++) {
      const mutation = packMutations[turn % packMutations.length]!;
      const changed = mutation.run(parts);
      if (changed === undefined) continue;
      if (checked(changed) !== undefined) passed.push(`${done}: ${mutation.name}`);
      classes.set(mutation.name, (classes.get(mutation.name) ?? 0) + 1);
      done += 1;
    }
    expect(passed).toEqual([]);
    expect(classes.size).toBe(packMutations.length);
    // The control: it is not the writing again that fails.
    expect(packOf(readPack(pack)).equals(pack)).toBe(true);
    expect(checked(packOf(signedAgain(readPack(pack), trust, base.logKey)))).toMatchObject({ nothingWrong: true });
    console.log(`evidence packs, seed ${seed}: ${sizes.packs} of ${classes.size} classes, all refused`);
  }, 1_800_000);

  test("by whoever has the log key is told by the witness's key alone: control", () => {
    const files = readPack(pack);
    const proof = jsonIn(files, "verification.json");
    proof.witnesses = [];
    const [care] = proof.logs;
    // The last line is taken off, with every head that covers it: what is left agrees with itself.
    const kept = linesIn(files).filter(({ log, position }) => log !== care.log || position < care.lines);
    files.set("timeline-0001.jsonl", Buffer.from(kept.map((line) => `${JSON.stringify(line)}\n`).join("")));
    const size = (head: string): number => Number(head.split("\n")[1]);
    const heads: string[] = jsonIn(files, `heads-${care.log}.json`).heads;
    const shorter = heads.filter((head) => size(head) < care.lines);
    files.set(`heads-${care.log}.json`, Buffer.from(JSON.stringify({ heads: shorter })));
    const point = jsonIn(files, "clean-point.json");
    for (const figures of [care, point.logs[0]]) {
      figures.provenTo = Math.max(...shorter.map(size));
      figures.cleanLine = care.lines - 1;
    }
    care.lines -= 1;
    files.set("verification.json", Buffer.from(JSON.stringify(proof)));
    files.set("clean-point.json", Buffer.from(JSON.stringify(point)));
    const short = packOf(signedAgain(files, trust, base.logKey));
    expect(checked(short, { witnesses: [] })).toMatchObject({ nothingWrong: true });
    // What a witness saw last shows it.
    expect(checked(short, { witnesses: [], heads })).toBeUndefined();
  });
});

describe("holdfast evidence", () => {
  const run = (script: string, ...args: string[]) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const { archive, databaseUrl, witness } = base;
      const env = { HOLDFAST_DATA: archive.base, DATABASE_URL: databaseUrl, HOLDFAST_WITNESSES: witness };
      execFile(process.execPath, [script, ...args], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const command = (...args: string[]) => run(join(root, "tools", "holdfast.ts"), "evidence", ...args);

  test("writes a pack that its verifier takes, with the proof of a restore in it, and names what is missing", async () => {
    const segments = join(base.archive.letterboxDirectory, "segments");
    const restored = {
      logs: logNames.map((log) => ({ log, lines: 1, epoch: 1, root: "ab", lastReceived: null, leftOut: 0 })),
      records: 1,
      failed: 0,
      byKind: { incident: 1 },
      byDay: {},
      blobs: { restored: 0, leftOut: 0, altered: [], missing: [] },
    };
    writeFileSync(at("restored.json"), JSON.stringify({ ...restored, more: "PLANTED-NAME" }));
    const asked = [
      "--trust",
      trust,
      "--segments",
      segments,
      "--restore-proof",
      at("restored.json"),
      "--out",
      at("cli.tar"),
    ];
    const { status, stdout, stderr } = await command(...asked, "--json");
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ good: true, trust });
    const files = readPack(readFileSync(at("cli.tar")));
    expect(jsonIn(files, "restore-proof.json")).toEqual(restored);
    const logKey = join(base.archive.officers, `${trust}.log-key`);
    const witness = base.witness.split("@")[0]!;
    const given = ["--log-key", logKey, "--witness", witness];
    const good = await run(packVerifierPath, at("cli.tar"), ...given);
    expect([good.status, good.stderr]).toEqual([0, ""]);
    expect(good.stdout).toContain("NOTHING IS WRONG");
    writeFileSync(at("torn.tar"), readFileSync(at("cli.tar")).subarray(0, -700));
    expect((await run(packVerifierPath, at("torn.tar"), ...given, "--json")).status).toBe(1);
    expect((await run(packVerifierPath, at("nowhere.tar"), ...given)).status).toBe(3);
    expect((await run(packVerifierPath, at("cli.tar"))).status).toBe(2);
    expect((await command(...asked)).status).toBe(3);
    expect((await command("--trust", trust)).status).toBe(2);
    writeFileSync(at("restored.json"), "{}");
    expect((await command(...asked.with(-1, at("other.tar")))).status).toBe(3);
  });
});
