import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateIdentity } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { enrolNodeDevice, type NodeDevice, syncAll } from "#demo/node-client.ts";
import { type LetterboxServer, startLetterbox } from "#server/archive/letterbox-server.ts";
import { trusts } from "#server/trusts.ts";
import { startTestArchive, type TestArchive } from "../archive.ts";
import { bootForTest } from "../boot.ts";
import { destination, incident, note, southgate } from "../devices.ts";
import { cannotBeApart, type MachineApart, makeMachineApart } from "./namespace.ts";

const trust = "northmoor";
const planted = "PLANTED-APART";
const holdfast = fileURLToPath(new URL("../../tools/holdfast.ts", import.meta.url));
const skip = cannotBeApart();
if (skip !== null) console.log(`a standby on a machine apart cannot run: ${skip}`);

describe.skipIf(skip !== null)(
  "on a machine that reaches the letterbox alone, as another account, with the base gone",
  () => {
    let archive: TestArchive;
    let letterbox: LetterboxServer;
    let machine: MachineApart;
    let folder: string;
    let address: string;
    let screen: NodeDevice;
    const at: { host: string; port: number; dial?: string } = { host: "", port: 0 };
    let recordId: string;
    const children: ChildProcess[] = [];

    beforeAll(async () => {
      archive = await startTestArchive();
      const base = await bootForTest({ data: archive.base, settings: { HOLDFAST_LETTERBOX: archive.address } });
      const tablet = await enrolNodeDevice({
        ...{ host: `crew.${trust}.localhost`, port: base.ports.crew, code: "DEMO-TABLET-1" },
      });
      Object.assign(at, { host: `care.${trust}.localhost`, port: base.ports.care, code: "DEMO-SCREEN-SOUTHGATE" });
      screen = await enrolNodeDevice(at as typeof at & { code: string });
      recordId = crypto.randomUUID().replace(/^(.{8})-(.{4})-4/, "01990000-0000-7");
      const author = { userId: "n-okafor", name: "Amara Okafor", role: "Paramedic", signIn: "pin" };
      for (const { kind, body } of [incident, destination(southgate), note(planted)])
        await tablet.replica.write({ recordId, author, kind, body });
      await vi.waitUntil(async () => (await syncAll(tablet.replica)).result === "done", { timeout: 60_000 });
      tablet.close();
      // A stop seals what there is; then the base is gone, with its keys.
      await base.remove();
      expect(existsSync(archive.base)).toBe(false);
      await archive.server.close();
      machine = makeMachineApart();
      letterbox = await startLetterbox({
        ...{ directory: archive.letterboxDirectory, bind: machine.outside, port: 0, keepDays: 9_000 },
        trusts: trusts.map((each) => each.trust),
      });
      address = `http://${machine.outside}:${letterbox.port}`;
      folder = mkdtempSync(join(tmpdir(), "holdfast-apart-"));
      chmodSync(folder, 0o711);
    });
    afterAll(async () => {
      for (const child of children)
        if (child.exitCode === null) {
          const ended = once(child, "exit");
          child.kill("SIGTERM");
          await ended;
        }
      screen?.close();
      await letterbox?.close();
      machine?.remove();
      await archive?.remove();
      if (folder) rmSync(folder, { recursive: true, force: true });
    });

    /** A folder of the other account's own, with a copy of what is brought there. */
    const bring = (name: string, from?: string): string => {
      const to = join(folder, name);
      if (from === undefined) mkdirSync(to);
      else cpSync(from, to, { recursive: true });
      const give = (path: string): void => chownSync(path, machine.account, machine.account);
      for (const each of readdirSync(to, { recursive: true }) as string[]) give(join(to, each));
      give(to);
      return to;
    };
    const start = (args: readonly string[], settings: Record<string, string>): ChildProcess => {
      const [command, all] = machine.run(process.execPath, [holdfast, ...args]);
      const env = { PATH: process.env.PATH ?? "", HOME: "/", HOLDFAST_LOG: "silent", ...settings };
      const child = spawn(command, all, { cwd: "/", env, stdio: ["ignore", "pipe", "pipe"] });
      children.push(child);
      return child;
    };
    const run = async (args: readonly string[], data: string): Promise<{ code: number; out: string; told: string }> => {
      const child = start(args, { HOLDFAST_DATA: data });
      let [out, told] = ["", ""];
      child.stdout!.on("data", (chunk: Buffer) => {
        out += chunk.toString();
      });
      child.stderr!.on("data", (chunk: Buffer) => {
        told += chunk.toString();
      });
      const [code] = (await once(child, "close")) as [number];
      return { code, out, told };
    };
    const standbySettings = (data: string) => ({
      ...{ HOLDFAST_DATA: data, HOLDFAST_LETTERBOX: address },
      // Reached from outside by the test's screen; from within nothing leads there but the link.
      ...{ HOLDFAST_BIND: machine.inside, HOLDFAST_INSECURE: "1" },
    });
    const officers = (data: string, ...shares: string[]): string[] => [
      ...["restore", "--trust", trust, "--letterbox", address, "--secret", join(data, "read"), "--json"],
      ...["--log-key", join(data, `${trust}.log-key`), ...shares.flatMap((share) => ["--share", join(data, share)])],
    ];
    const bringOfficers = (name: string): string => {
      const data = bring(name, archive.officers);
      writeFileSync(join(data, "read"), readFileSync(join(archive.letterboxDirectory, "secrets", "read")), {
        mode: 0o644,
      });
      return data;
    };

    test("nothing but the letterbox is reached from there", async () => {
      const ask = (url: string) =>
        `fetch(${JSON.stringify(url)}).then((a) => process.exit(a.ok ? 0 : 3), () => process.exit(4))`;
      const codeOf = async (url: string): Promise<unknown> => {
        const [command, args] = machine.run(process.execPath, ["-e", ask(url)]);
        return (await once(spawn(command, args, { cwd: "/", stdio: "ignore" }), "exit"))[0];
      };
      expect(await codeOf(`${address}/healthz`)).toBe(0);
      const other = await startTestArchive();
      // The control: it answers here.
      expect((await fetch(`${other.address}/healthz`)).ok).toBe(true);
      expect(await codeOf(`${other.address}/healthz`)).toBe(4);
      await other.remove();
    });

    test("a standby makes a readable board out of an empty folder and what it was given", async () => {
      const began = performance.now();
      const child = start(["standby", "--json"], standbySettings(bring("standby", archive.standby)));
      let told = "";
      child.stderr!.on("data", (chunk: Buffer) => {
        told += chunk.toString();
      });
      const said = await Promise.race([once(child.stdout!, "data"), once(child, "exit").then(() => undefined)]);
      if (said === undefined) throw new Error(told);
      const { ports } = JSON.parse(String(said[0])) as { ports: { care: number } };
      Object.assign(at, { host: `care.${trust}.standby.localhost`, port: ports.care, dial: machine.inside });
      const { arrivals, server } = await screen.arrivals();
      expect(arrivals.map((row) => row.recordId)).toEqual([recordId]);
      expect(server.standby?.asOf).toBeTruthy();
      console.log(
        `apart: a readable board ${((performance.now() - began) / 1_000).toFixed(1)} s after an empty folder`,
      );
    });

    test("two officers' shares restore it all there", async () => {
      const shares = bringOfficers("officers");
      const data = bring("restored");
      const began = performance.now();
      const { code, out, told } = await run(officers(shares, `${trust}.share-1`, `${trust}.share-2`), data);
      expect([code, told]).toEqual([0, ""]);
      const proof = JSON.parse(out) as { records: number; byKind: Record<string, number> };
      expect(proof).toMatchObject({ records: 1, byKind: { incident: 1, destination: 1, note: 1 } });
      console.log(`apart: restored ${((performance.now() - began) / 1_000).toFixed(1)} s after an empty folder`);
    });

    test("without the shares, or the identity, nobody reads a word", async () => {
      const shares = bringOfficers("one-officer");
      const one = await run(officers(shares, `${trust}.share-1`), bring("by-one"));
      const others = await run(officers(shares, "westvale.share-1", "westvale.share-2"), bring("by-others"));
      writeFileSync(join(shares, "stranger.identity"), await generateIdentity(), { mode: 0o644 });
      const stranger = await run(
        [...officers(shares), "--identity", join(shares, "stranger.identity")],
        bring("by-a-stranger"),
      );
      for (const { code, out } of [one, others, stranger]) {
        expect(code).toBeGreaterThan(0);
        expect(out).not.toContain('"byKind":{"');
      }
      const lost = bring("standby-without", archive.standby);
      unlinkSync(join(lost, "keys", `${trust}.identity`));
      const child = start(["standby", "--json"], standbySettings(lost));
      expect((await once(child, "exit"))[0]).toBe(3);

      const files = readdirSync(archive.letterboxDirectory, { recursive: true, withFileTypes: true }).filter((each) =>
        each.isFile(),
      );
      const readable = files.filter(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(planted));
      expect(files.length).toBeGreaterThan(3);
      expect(readable).toEqual([]);
    });
  },
);
