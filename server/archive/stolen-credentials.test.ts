import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Decrypter } from "age-encryption";
import Fastify from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { logNames } from "#defence/log/line.ts";
import { enrolTestDevice, incident, note, push, runOf, testChain } from "#test/devices.ts";
import { sendBlob } from "#test/send-blob.ts";
import { useArchive, useArchivedBase, useFolder } from "#test/set-up.ts";
import { existingSecret } from "../secrets.ts";
import { sealEverything } from "./archiver.ts";
import { directoryStore } from "./directory-store.ts";
import { createLetterbox } from "./letterbox.ts";
import { letterboxRoutes } from "./letterbox-routes.ts";
import { openLogKey } from "./log-key.ts";
import { readSegment, sealSegment } from "./segment.ts";

const trust = "northmoor";
const marker = "PLANTED-ARCHIVED";
/** Nobody's account on this machine: what the base would be on the letterbox's. */
const nobody = 65_534;

const archive = useArchive();
const base = useArchivedBase(archive, "when-told");
const open = useFolder("open");
let segments: string[];
const filesOf = (): Map<string, string> =>
  new Map(
    (
      readdirSync(join(archive.letterboxDirectory, "segments"), { recursive: true, withFileTypes: true }) as {
        name: string;
        parentPath: string;
        isFile(): boolean;
      }[]
    )
      .filter((each) => each.isFile())
      .map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name)).toString("base64")]),
  );

beforeAll(async () => {
  const tablet = await enrolTestDevice(base, "crew");
  const chain = testChain();
  await push(base, tablet, await runOf(tablet, chain, incident, note(marker)));
  await sendBlob(base, tablet, chain.recordId, Buffer.from(marker), "image/png");
  const { pools, keyRing } = base.cells.get(trust)!;
  await sealEverything({
    trust,
    pool: pools.archive,
    keyRing,
    letterbox: archive.client("append"),
    logKey: openLogKey(archive.base, trust, keyRing),
    recipients: archive.recipients(trust),
  });
  segments = await archive.reader.after(trust, "care", 0);
});

interface Attempt {
  method: string;
  path: string;
  body?: Buffer;
}
const empty = Buffer.alloc(0);
/** Everything that whoever holds the base's disk and secrets may ask of the letterbox to lose or to read what it has. */
const attemptsOn = async (): Promise<Attempt[]> => {
  const name = segments[0]!;
  const [piece] = await archive.reader.blobs(trust, "");
  const at = `/letterbox/v1/${trust}/care`;
  const file = (await archive.reader.read(trust, "care", name))!;
  const { keyRing } = base.cells.get(trust)!;
  const key = openLogKey(archive.base, trust, keyRing);
  const { header } = readSegment(file);
  // Signed by the base's own log key, and sealed to nobody that could open it.
  const forged = async (more: Partial<typeof header>): Promise<Buffer> =>
    (await sealSegment({ ...header, ...more }, Buffer.of(), archive.recipients(trust), key)).file;
  const everyPath = [
    at,
    `${at}/heads`,
    `${at}/segments`,
    `${at}/segments/${name}`,
    `/letterbox/v1/${trust}/blobs`,
    `/letterbox/v1/${trust}/blobs/${piece}`,
    `/letterbox/v1/${trust}`,
    "/letterbox/v1",
  ];
  const verbs = ["PUT", "PATCH", "DELETE", "MOVE"].flatMap((method) =>
    everyPath.map((path) => ({ method, path, ...(method !== "DELETE" && { body: empty }) })),
  );
  const reads = logNames.flatMap((log) => [
    { method: "GET", path: `/letterbox/v1/${trust}/${log}/segments` },
    { method: "GET", path: `/letterbox/v1/${trust}/${log}/segments/${name}` },
  ]);
  reads.push({ method: "GET", path: `/letterbox/v1/${trust}/blobs` });
  reads.push({ method: "GET", path: `/letterbox/v1/${trust}/blobs/${piece}` });
  const posts = [
    ...(await Promise.all([
      forged({}),
      forged({ previous: "" }),
      forged({ first: 1, last: 1, previous: "" }),
      forged({ previous: header.sealedHash }),
      forged({ epoch: 1, first: header.last, last: header.last }),
      forged({ trust: "westvale" }),
      forged({ log: "access" }),
    ])),
    (await archive.reader.readBlob(trust, piece!))!,
    empty,
    Buffer.from("{}"),
    file.subarray(0, 100),
    Buffer.concat([file, file]),
  ].flatMap((body) =>
    [at, `${at}/heads`, `/letterbox/v1/${trust}/blobs`].map((path) => ({ method: "POST", path, body })),
  );
  const strange = [
    `${at}/segments/..%2f..%2f..%2fsecrets%2fread`,
    `${at}/segments/%2e%2e`,
    `/letterbox/v1/..%2f${trust}/care`,
    `/letterbox/v1/${trust}/keys`,
    `${at}?keepDays=0`,
    `${at}/sweep`,
    `${at}/retention`,
  ].flatMap((path) => [
    { method: "POST", path, body: empty },
    { method: "DELETE", path },
  ]);
  return [...verbs, ...reads, ...posts, ...strange];
};

const send = async (address: string, { method, path, body }: Attempt, secret: string): Promise<Buffer> => {
  const answer = await fetch(`${address}${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/octet-stream" },
    ...(body !== undefined && { body: new Uint8Array(body) }),
  });
  return Buffer.from(await answer.arrayBuffer());
};

/** What another account of the letterbox's machine may try there. */
const commandsOn = (letterbox: string): string[] => {
  const folder = join(letterbox, "segments", trust, "care");
  const path = join(folder, segments[0]!);
  return [
    `cat ${path}`,
    `rm -f ${path}`,
    `: > ${path}`,
    `echo x >> ${path}`,
    `mv ${path} ${path}.gone`,
    `chmod 777 ${path}`,
    `ln -sf /etc/passwd ${path}`,
    `cp /etc/hostname ${folder}/x.segment`,
    `rm -rf ${letterbox}`,
    `cat ${letterbox}/secrets/read`,
    `touch -d 1990-01-01 ${path}`,
  ];
};
const succeedsAsNobody = (command: string): boolean =>
  spawnSync("sh", ["-c", command], { uid: nobody, gid: nobody }).status === 0;

describe("with everything that the base holds", () => {
  test("nothing in the letterbox is destroyed, overwritten or read", async () => {
    const secret = existingSecret(join(archive.base, "secrets", "letterbox"));
    const before = filesOf();
    const attempts = await attemptsOn();
    let got = 0;
    for (const attempt of attempts) {
      const answer = await send(archive.address, attempt, secret);
      if ([...before.values()].includes(answer.toString("base64"))) got += 1;
    }
    expect(attempts.length).toBeGreaterThanOrEqual(40);
    expect(got).toBe(0);
    const after = filesOf();
    expect([...before].filter(([name, bytes]) => after.get(name) !== bytes)).toEqual([]);
    console.log(`letterbox: ${attempts.length} attempts with the base's credentials, 0 succeeded`);
  });

  test("no key of the base's opens what was sealed", async () => {
    const file = readSegment((await archive.reader.read(trust, "care", segments[0]!))!);
    const keys = readdirSync(join(archive.base, "keys")).map((name) =>
      readFileSync(join(archive.base, "keys", name), "utf8").trim(),
    );
    let opened = 0;
    for (const key of keys.flatMap((text) => text.split("\n"))) {
      const age = new Decrypter();
      try {
        if (key.startsWith("AGE-SECRET-KEY-")) age.addIdentity(key);
        else age.addPassphrase(key);
        await age.decrypt(file.sealed);
        opened += 1;
      } catch {
        // As it should be.
      }
    }
    expect(keys.length).toBeGreaterThan(3);
    expect(opened).toBe(0);
    const own = new Decrypter();
    own.addIdentity(archive.standbyIdentity(trust));
    expect((await own.decrypt(file.sealed)).length).toBeGreaterThan(0);
  });

  test.skipIf(process.getuid?.() !== 0)("another account of the same machine changes and reads nothing", () => {
    // The way to the letterbox is open: what closes it is its own.
    chmodSync(dirname(archive.letterboxDirectory), 0o711);
    const before = filesOf();
    expect(commandsOn(archive.letterboxDirectory).filter(succeedsAsNobody)).toEqual([]);
    expect(filesOf()).toEqual(before);
    // The control: each of them on a copy that is that account's, and open to all.
    const copy = join(open, "letterbox");
    for (const command of commandsOn(copy)) {
      rmSync(copy, { recursive: true, force: true });
      cpSync(archive.letterboxDirectory, copy, { recursive: true });
      spawnSync("chmod", ["-R", "777", open]);
      spawnSync("chown", ["-R", `${nobody}:${nobody}`, open]);
      expect(succeedsAsNobody(command), command).toBe(true);
    }
  });

  test("control: with the lock off, segments are overwritten and read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-unlocked-"));
    const locked = directoryStore(folder);
    const file = (await archive.reader.read(trust, "care", segments[0]!))!;
    await locked.create(`${trust}/care/${segments[0]}`, file);
    const app = Fastify();
    const unlocked = {
      ...createLetterbox({ store: locked, logKeys: () => [] }),
      take: async (_trust: string, _log: string, bytes: Buffer) => {
        const path = join(folder, trust, "care", segments[0]!);
        chmodSync(path, 0o600);
        writeFileSync(path, bytes);
        return { epoch: 1, last: 1, hash: "", root: "" };
      },
    };
    const secret = "one secret for all";
    letterboxRoutes(app, unlocked, { append: secret, read: secret });
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    const attempts = await attemptsOn();
    let got = 0;
    let lost = false;
    for (const attempt of attempts.filter(({ method }) => method === "GET"))
      if ((await send(address, attempt, secret)).equals(file)) got += 1;
    for (const attempt of attempts.filter(({ method }) => method === "POST")) {
      await send(address, attempt, secret);
      lost ||= !(await locked.read(`${trust}/care/${segments[0]}`))!.equals(file);
    }
    await app.close();
    rmSync(folder, { recursive: true, force: true });
    expect([got > 0, lost]).toEqual([true, true]);
  });
});
