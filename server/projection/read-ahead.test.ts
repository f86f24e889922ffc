import { expect, test } from "vitest";
import { readAhead } from "./read-ahead.ts";

/** Reads that end when they are told to. */
const reader = () => {
  const begun: number[] = [];
  const endings = new Map<number, (read: string | Promise<string>) => void>();
  const read = (item: number): Promise<string> => {
    begun.push(item);
    return new Promise((resolve) => endings.set(item, resolve));
  };
  return { begun, read, end: (item: number) => endings.get(item)!(`item ${item}`), endings };
};

test("reads so many ahead and no more, and gives what it read in order", async () => {
  const { begun, read, end } = reader();
  const items = readAhead([1, 2, 3, 4, 5], read, 2);
  const first = items.next();
  await expect.poll(() => begun).toEqual([1, 2, 3]);
  for (const item of [3, 2, 1]) end(item);
  expect(await first).toEqual({ done: false, value: "item 1" });
  expect(begun).toEqual([1, 2, 3]);
  const second = items.next();
  expect(await second).toEqual({ done: false, value: "item 2" });
  expect(begun).toEqual([1, 2, 3, 4]);
});

test("what was before a failure comes first, whether the items end in it or one cannot be read", async () => {
  const endingIn = async function* () {
    yield 1;
    yield 2;
    throw new Error("no third");
  };
  const taken = async (items: AsyncIterable<number>): Promise<unknown[]> => {
    const found: unknown[] = [];
    try {
      for await (const item of items) found.push(item);
    } catch (error) {
      found.push((error as Error).message);
    }
    return found;
  };
  for (const ahead of [0, 1, 5]) {
    expect(await taken(readAhead(endingIn(), async (item) => item, ahead))).toEqual([1, 2, "no third"]);
    const bad = async (item: number) => (item === 2 ? Promise.reject(new Error("bad second")) : item);
    expect(await taken(readAhead([1, 2, 3], bad, ahead))).toEqual([1, "bad second"]);
  }
});

test("who stops early lets the source go, and a read that fails afterwards harms nobody", async () => {
  let isLetGo = false;
  const source = async function* () {
    try {
      for (let item = 1; ; item++) yield item;
    } finally {
      isLetGo = true;
    }
  };
  const { read, end, endings } = reader();
  const items = readAhead(source(), read, 1);
  const first = items.next();
  await expect.poll(() => endings.size).toBe(2);
  end(1);
  await first;
  await items.return(undefined);
  expect(isLetGo).toBe(true);
  endings.get(2)!(Promise.reject(new Error("nobody waits for this")));
});
