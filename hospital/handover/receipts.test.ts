import { expect, test } from "vitest";
import type { Client } from "#client/client.ts";
import { createReceipts } from "./receipts.ts";

const recordId = "00000000-0000-7000-8000-000000000001";
const screen = "00000000-0000-7000-8000-00000000000a";
const tablet = "00000000-0000-7000-8000-00000000000b";
const person = { userId: "dr-demo", name: "Dr Demo", role: "registrar", signIn: "passkey" };

/** A client whose replica keeps drafts in memory as entries. */
const memoryClient = () => {
  const written: { kind: string; body: { what: string; seen: Record<string, number> } }[] = [];
  const clock = "2026-11-22T14:33:00.000Z";
  const client = {
    database: "test",
    getSnapshot: () => ({
      phase: "ready",
      enrolment: { deviceId: screen, site: { siteId: "southgate", name: "Southgate ED" } },
    }),
    syncNow: async () => {},
    replica: {
      write: async (draft: object) => {
        written.push(draft as (typeof written)[number]);
      },
      entries: async () =>
        written.map((draft, index) => ({
          text: JSON.stringify({
            ...draft,
            id: `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`,
            deviceId: screen,
            n: index + 1,
            prev: index === 0 ? null : "0".repeat(64),
            v: 1,
            salt: "0".repeat(32),
            occurredAt: clock,
            recorded: { clock, timeZone: "Europe/London", serverOffsetMs: null, serverOffsetAgeMs: null },
          }),
        })),
    },
  };
  return { client: client as unknown as Client, written };
};

test("one receipt for each change of content, and none for its own entries", async () => {
  const { client, written } = memoryClient();
  const receipt = createReceipts();
  await receipt(client, recordId, { [tablet]: 3 }, null);
  await receipt(client, recordId, { [tablet]: 3 }, null);
  await receipt(client, recordId, { [tablet]: 3, [screen]: 2 }, null);
  expect(written).toHaveLength(1);
  await receipt(client, recordId, { [tablet]: 4 }, null);
  expect(written.map((draft) => draft.body.seen)).toEqual([{ [tablet]: 3 }, { [tablet]: 4 }]);
});

test("rows drawn several times at once ask for one receipt", async () => {
  const { client, written } = memoryClient();
  const receipt = createReceipts();
  await Promise.all([1, 2, 3].map(() => receipt(client, recordId, { [tablet]: 3 }, null)));
  expect(written).toHaveLength(1);
});

test("a screen that starts again remembers what it claimed; a person's `seen` is a claim of its own", async () => {
  const { client, written } = memoryClient();
  await createReceipts()(client, recordId, { [tablet]: 3 }, null);
  const again = createReceipts();
  await again(client, recordId, { [tablet]: 3 }, null);
  expect(written).toHaveLength(1);
  await again(client, recordId, { [tablet]: 3 }, person);
  await again(client, recordId, { [tablet]: 3 }, person);
  expect(written.map((draft) => draft.body.what)).toEqual(["displayed", "seen"]);
});
