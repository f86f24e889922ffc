import { describe, expect, test } from "vitest";
import { type ArchiveStore, NameTaken } from "./archive-store.ts";

/** What every store of segments promises. `made`: a new empty one, and how to let time pass for what it holds. */
export const archiveStoreContract = (
  name: string,
  make: () => Promise<{ store: ArchiveStore; age(name: string, days: number): Promise<void>; close(): Promise<void> }>,
): void => {
  const dayMs = 86_400_000;
  const bytes = (text: string): Buffer => Buffer.from(text);
  const withStore = async (work: (made: Awaited<ReturnType<typeof make>>) => Promise<void>): Promise<void> => {
    const made = await make();
    try {
      await work(made);
    } finally {
      await made.close();
    }
  };

  describe(`${name} as a store of segments`, () => {
    test("gives back what it was given, in order of names, and nothing for a name that is not there", () =>
      withStore(async ({ store }) => {
        expect(await store.list("northmoor/care")).toEqual([]);
        await store.create("northmoor/care/000000000002-000000000003.1.segment", bytes("second"));
        await store.create("northmoor/care/000000000001-000000000001.1.segment", bytes("first"));
        await store.create("northmoor/access/000000000001-000000000001.1.segment", bytes("other"));
        expect(await store.list("northmoor/care")).toEqual([
          "000000000001-000000000001.1.segment",
          "000000000002-000000000003.1.segment",
        ]);
        expect((await store.read("northmoor/care/000000000001-000000000001.1.segment"))?.toString()).toBe("first");
        expect(await store.read("northmoor/care/000000000009-000000000009.1.segment")).toBeUndefined();
      }));

    test("overwrites nothing, not even by two at once", () =>
      withStore(async ({ store }) => {
        const path = "northmoor/care/000000000001-000000000001.1.segment";
        const both = await Promise.allSettled(["one", "other"].map((text) => store.create(path, bytes(text))));
        expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
        const first = (await store.read(path))!.toString();
        await expect(store.create(path, bytes("third"))).rejects.toThrow(NameTaken);
        expect((await store.read(path))!.toString()).toBe(first);
      }));

    test.each([
      "../keys/northmoor.key",
      "northmoor/../../etc/passwd",
      "/etc/passwd",
      "northmoor/care/.hidden",
      "a\0b/c",
      "",
    ])("leaves its place for no name: %j", (path) =>
      withStore(async ({ store }) => {
        await expect(store.create(path, bytes("x"))).rejects.toThrow("no name");
        await expect(Promise.resolve().then(() => store.read(path))).rejects.toThrow("no name");
      }),
    );

    test("removes what is older than the lock, the oldest first, and stops at the first that is not", () =>
      withStore(async ({ store, age }) => {
        const names = [1, 2, 3].map((n) => `northmoor/care/00000000000${n}-00000000000${n}.1.segment`);
        for (const path of names) await store.create(path, bytes(path));
        await age(names[0]!, 10);
        await age(names[2]!, 10);
        expect(await store.removeBefore("northmoor/care", new Date(Date.now() - 30 * dayMs))).toEqual([]);
        expect(await store.removeBefore("northmoor/care", new Date(Date.now() - 5 * dayMs))).toHaveLength(1);
        expect(await store.list("northmoor/care")).toHaveLength(2);
      }));
  });
};
