import { describe, expect, test } from "vitest";
import type { LogName } from "#defence/log/line.ts";
import { incident, note, push, runOf, testChain } from "#test/devices.ts";
import { useArchive, useArchivedBase, useDevice } from "#test/set-up.ts";
import { type ArchiverParts, sealEverything } from "../archive/archiver.ts";
import { openLogKey } from "../archive/log-key.ts";
import { frontierAt, readLeaves } from "../archive/log-lines.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { type HeadFault, type HeadKeeper, startHeadKeeper } from "./head-keeper.ts";
import { cosignedAt } from "./note.ts";
import { witnessClient } from "./witness-client.ts";

const trust = "northmoor";
const archive = useArchive();
const base = useArchivedBase(archive, "when-told");
const tablet = useDevice(base, "crew");

const write = async (): Promise<void> => {
  await push(base, tablet, await runOf(tablet, testChain(), incident, note("PLANTED")));
};
interface Kept {
  keeper: HeadKeeper;
  /** Seals what there is, and publishes its heads. */
  seal(): Promise<void>;
  faults: [LogName, HeadFault, string][];
}
const keep = (...settings: string[]): Kept => {
  const { pools, keyRing } = base.cells.get(trust)!;
  const faults: Kept["faults"] = [];
  const logKey = openLogKey(archive.base, trust, keyRing);
  const letterbox = archive.client("append");
  const keeper = startHeadKeeper({
    trust,
    logKey,
    letterbox,
    witnesses: settings.map(witnessClient),
    frontierAt: (log, size) => frontierAt(pools.archive, log, size),
    leaves: (log, after, size) => readLeaves(pools.archive, log, after, size),
    everyMs: 3_600_000,
    onFault: (...fault) => faults.push(fault),
  });
  const parts: ArchiverParts = {
    trust,
    pool: pools.archive,
    keyRing,
    letterbox,
    logKey,
    recipients: archive.recipients(trust),
    onTaken: keeper.taken,
  };
  const seal = async (): Promise<void> => {
    await sealEverything(parts);
    await keeper.publish();
  };
  return { keeper, seal, faults };
};
const headsOf = async (log: LogName) =>
  (await archive.reader.heads(trust, log, 0)).map((text) => readCheckpoint(text, () => archive.logKeys(trust)));

describe("heads of the logs", () => {
  test("lie beside their segments, each co-signed, and both directions read them", async () => {
    const witness = await archive.witness("first.example");
    const { seal, faults } = keep(witness.setting);
    await write();
    await seal();
    await write();
    await seal();
    expect(faults).toEqual([]);
    const heads = await headsOf("care");
    expect(heads.map(({ size }) => size)).toEqual([2, 4]);
    const { key } = witnessClient(witness.setting);
    for (const { note: head } of heads)
      expect(head.signatures.some((each) => cosignedAt(head.text, each, key))).toBe(true);
    expect((await archive.reader.end(trust, "care")).root).toBe(heads[1]!.root);
    expect(await archive.client("append").heads(trust, "care", 2)).toHaveLength(1);
  });

  test("are published without a witness that does not answer, and given to it when it is back, however far behind", async () => {
    const witness = await archive.witness("second.example");
    const first = keep(witness.setting);
    await first.seal();
    await witness.close();
    await write();
    await first.seal();
    expect(new Set(first.faults.map(([, fault]) => fault))).toEqual(new Set(["unreachable"]));
    const last = (await headsOf("care")).at(-1)!;
    expect(last.note.signatures).toHaveLength(1);
    // Another life of the base: nothing is remembered of what the witness lacks.
    const again = await archive.witness("second.example");
    const second = keep(again.setting);
    await second.seal();
    expect(second.faults).toEqual([]);
    const { key } = witnessClient(again.setting);
    const newest = (await headsOf("care")).filter(({ size }) => size === last.size);
    expect(newest.some(({ note: head }) => head.signatures.some((each) => cosignedAt(head.text, each, key)))).toBe(
      true,
    );
  });

  test("of a log that lost or changed what a witness has seen raise the alarm, and are signed by nobody", async () => {
    const witness = await archive.witness("third.example");
    const { seal } = keep(witness.setting);
    await seal();
    const logKey = openLogKey(archive.base, trust, base.cells.get(trust)!.keyRing);
    const lying = async (size: number, root: Uint8Array): Promise<HeadFault | undefined> => {
      const faults: HeadFault[] = [];
      const keeper = startHeadKeeper({
        trust,
        logKey,
        letterbox: { keepHead: async () => {} },
        witnesses: [witnessClient(witness.setting)],
        frontierAt: async () => ({ size: 0, roots: [] }),
        leaves: async () => [],
        onFault: (_log, fault) => faults.push(fault),
      });
      const frontier = { size, roots: [root] };
      keeper.taken("care", { epoch: 1, before: { size, roots: [] }, leaves: Buffer.alloc(0), frontier });
      await keeper.publish();
      await keeper.close();
      return faults[0];
    };
    const last = (await headsOf("care")).at(-1)!;
    expect(await lying(last.size - 1, Buffer.alloc(32, 1))).toBe("ahead");
    expect(await lying(last.size, Buffer.alloc(32, 1))).toBe("inconsistent");
    expect(await lying(last.size + 1, Buffer.alloc(32, 1))).toBe("inconsistent");
    expect(await lying(last.size, Buffer.from(last.root, "hex"))).toBeUndefined();
  });

  test("that were not kept are offered again, though nothing new is written", async () => {
    const [head] = await headsOf("care");
    const kept: string[] = [];
    const faults: HeadFault[] = [];
    let isAway = true;
    const keeper = startHeadKeeper({
      trust,
      logKey: openLogKey(archive.base, trust, base.cells.get(trust)!.keyRing),
      letterbox: {
        keepHead: async (_trust, _log, text) => {
          if (isAway) throw new Error("The letterbox is away.");
          kept.push(text);
        },
      },
      witnesses: [],
      frontierAt: async () => ({ size: 0, roots: [] }),
      leaves: async () => [],
      everyMs: 1,
      againMs: 1,
      onFault: (_log, fault) => faults.push(fault),
    });
    const frontier = { size: head!.size, roots: [Buffer.from(head!.root, "hex")] };
    keeper.taken("care", { epoch: 1, before: { size: 0, roots: [] }, leaves: Buffer.alloc(0), frontier });
    await expect.poll(() => faults.length).toBeGreaterThan(1);
    expect(new Set(faults)).toEqual(new Set(["not-kept"]));
    isAway = false;
    await expect.poll(() => kept.length).toBe(1);
    await keeper.close();
    expect(kept).toHaveLength(1);
  });

  test("that the letterbox has no lines for, or another key signed, are not kept", async () => {
    const letterbox = archive.client("append");
    const [note] = await archive.reader.heads(trust, "care", 0);
    await expect(letterbox.keepHead(trust, "access", note!)).rejects.toThrow("422");
    await expect(letterbox.keepHead(trust, "care", note!.replace("\n2\n", "\n3\n"))).rejects.toThrow("422");
    await expect(archive.client({ other: "x" }).heads(trust, "care", 0)).rejects.toThrow("401");
    await expect(archive.reader.keepHead(trust, "care", note!)).rejects.toThrow("401");
    const before = await archive.reader.heads(trust, "care", 0);
    await letterbox.keepHead(trust, "care", note!);
    expect(await archive.reader.heads(trust, "care", 0)).toEqual(before);
  });
});
