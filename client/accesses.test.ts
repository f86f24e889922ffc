import "fake-indexeddb/auto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { limits } from "#protocol/limits.ts";
import { createAccesses } from "./accesses.ts";
import { Database } from "./database.ts";
import { createScreenKey } from "./keys.ts";
import { browserRandom } from "./ports.ts";
import { onlyServer } from "./servers.ts";

const server = {
  protocol: 1,
  trust: "northmoor",
  epoch: 1,
  incarnation: browserRandom.uuid(),
  time: "2026-11-23T03:00:00.000Z",
};
const person = { userId: "user-1", name: "PLANTED Testcase", role: "Paramedic", signIn: "pin" };
const endpoint = { servers: onlyServer("http://crew.northmoor.localhost:7401") };

const open = async () => {
  const database = new Database(browserRandom.uuid());
  const told: { id: string; recordId: string; person?: { userId: string } }[] = [];
  /** What the base does with the ids of one request. */
  let base = (ids: string[]): Response => Response.json({ server, stored: ids });
  vi.stubGlobal("fetch", async (_url: URL, init: RequestInit) => {
    const { accesses } = JSON.parse(String(init.body)) as { accesses: typeof told };
    const answer = base(accesses.map(({ id }) => id));
    if (answer.ok) told.push(...accesses);
    return answer;
  });
  const rows = () => database.run((tables) => tables.things.where(":id").startsWith("access ").toArray());
  const answers = (next: typeof base) => {
    base = next;
  };
  return { database, accesses: createAccesses(database, await createScreenKey(), endpoint), told, rows, answers };
};
afterEach(() => vi.unstubAllGlobals());

describe("records that are opened on this device", () => {
  it("are told to the base with who opened them, and then forgotten", async () => {
    const { accesses, told, rows } = await open();
    const [one, two] = [browserRandom.uuid(), browserRandom.uuid()];
    await accesses.opened(one, person);
    await accesses.opened(two, null);
    await accesses.tell();
    expect(told.map((each) => [each.recordId, each.person?.userId])).toEqual(
      expect.arrayContaining([
        [one, "user-1"],
        [two, undefined],
      ]),
    );
    expect(await rows()).toEqual([]);
  });

  it("are kept until the base has them, by id", async () => {
    const { accesses, told, rows, answers } = await open();
    for (let i = 0; i < 3; i++) await accesses.opened(browserRandom.uuid(), person);
    answers(() => new Response("", { status: 503 }));
    await expect(accesses.tell()).rejects.toThrow();
    expect([told.length, (await rows()).length]).toEqual([0, 3]);
    let first = true;
    answers((ids) => {
      const stored = first ? ids.slice(0, 1) : [];
      first = false;
      return Response.json({ server, stored });
    });
    await accesses.tell();
    expect(await rows()).toHaveLength(2);
    answers((stored) => Response.json({ server, stored }));
    await accesses.tell();
    expect(await rows()).toEqual([]);
  });

  it("go in as many requests as they need", async () => {
    const { accesses, told, rows } = await open();
    await Promise.all(
      Array.from({ length: limits.accessesMax + 5 }, () => accesses.opened(browserRandom.uuid(), person)),
    );
    await accesses.tell();
    expect([told.length, (await rows()).length]).toEqual([limits.accessesMax + 5, 0]);
  });

  it("lie sealed on the disk", async () => {
    const { accesses, rows } = await open();
    const recordId = browserRandom.uuid();
    await accesses.opened(recordId, person);
    const bytes = (await rows()).map(({ name, value }) => name + Buffer.from(value as Uint8Array).toString("latin1"));
    expect(bytes).toHaveLength(1);
    expect(bytes[0]).not.toContain("PLANTED");
    expect(bytes[0]).not.toContain(recordId);
  });
});
