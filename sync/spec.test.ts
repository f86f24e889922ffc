import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fold } from "#domain/record.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { readEntry } from "./envelope.ts";
import { createMemoryLogStore, LogDisk } from "./memory-log-store.ts";
import { createMemoryReplicaStore } from "./memory-replica-store.ts";
import type { Transport } from "./ports.ts";
import { createReplica, type Replica } from "./replica.ts";
import { createSequencer } from "./sequencer.ts";
import { cheapHash, cheapRandom, cheapSigner } from "./simulation/cheap.ts";
import { createRng } from "./simulation/scheduler.ts";
import { draftOf } from "./simulation/world.ts";

const here = new URL(".", import.meta.url);
const idsIn = (text: string): string[] => text.match(/\[S\d\d\]/g) ?? [];

test("every invariant of SPEC.md has its enforcement and a test that quotes it, and no test quotes another", () => {
  const spec = readFileSync(new URL("SPEC.md", here), "utf8");
  const promised = spec.split("\n\n").filter((paragraph) => paragraph.startsWith("**[S"));
  const files = readdirSync(here, { recursive: true, encoding: "utf8" }).filter((f) =>
    /\.(test|contract)\.ts$/.test(f),
  );
  const quoted = new Set(files.flatMap((file) => idsIn(readFileSync(new URL(file, here), "utf8"))));
  expect(promised.length).toBeGreaterThan(0);
  for (const paragraph of promised) {
    const [id] = idsIn(paragraph);
    expect(paragraph, id).toMatch(/\nEnforcement: /);
    expect([...quoted], `a test that quotes ${id}`).toContain(id);
  }
  expect([...quoted].sort()).toEqual(promised.map((paragraph) => idsIn(paragraph)[0]).sort());
});

const random = cheapRandom(createRng(11));
const recordId = random.uuid();

/** A base that two devices reach without trouble. */
const base = (): Transport => {
  const disk = new LogDisk();
  const state: ServerState = {
    protocol: 1,
    trust: "northmoor",
    epoch: 1,
    incarnation: random.uuid(),
    time: "2026-01-15T10:00:00.000Z",
  };
  const sequencer = createSequencer({
    store: createMemoryLogStore(disk),
    hash: cheapHash,
    verify: () => "valid",
    onSecurityEvent: () => undefined,
  });
  return {
    push: async (request) => ({ server: state, ...(await sequencer.submit(request)), lanes: ["P0", "P1"] }),
    pull: async ({ records }) => {
      const parts = Object.entries(records).map(([id, { position }]) => {
        const page = disk.readAfter(id, position, 500);
        return [id, { ...page, cursor: { epoch: 1, position: disk.lines.length } }] as const;
      });
      return { server: state, records: Object.fromEntries(parts) };
    },
    heads: async ({ heads }) => ({ server: state, need: await sequencer.lacking(heads) }),
  };
};

const device = (transport: Transport, nowMs: number): Replica => {
  const replica = createReplica({
    store: createMemoryReplicaStore(),
    transport,
    signer: cheapSigner(random.uuid()),
    hash: cheapHash,
    clock: { nowMs: () => nowMs, timeZone: () => "UTC" },
    random,
  });
  replica.follow(recordId);
  return replica;
};

const recordOn = async (replica: Replica) =>
  fold((await replica.entries(recordId)).flatMap(({ text }) => readEntry(text).entry ?? []));

test("[S09] [S16] two devices fold the same record, in which what one struck stays readable", async () => {
  const transport = base();
  const crew = device(transport, Date.UTC(2026, 0, 15));
  // The one who strikes has a clock ten years behind: the strike looks older than what it strikes.
  const colleague = device(transport, Date.UTC(2016, 0, 15));
  const wrong = await crew.write(draftOf(recordId, "note", "Testcase: allergic to DEMO-cillin"));
  await crew.syncOnce();
  await colleague.syncOnce();
  await colleague.write({
    ...draftOf(recordId, "strike", ""),
    body: {},
    ref: { rel: "strikes", id: wrong.id, reason: "wrong patient" },
  });
  await colleague.syncOnce();
  for (const replica of [crew, colleague, crew, colleague]) await replica.syncOnce();

  const record = await recordOn(crew);
  expect(await recordOn(colleague)).toEqual(record);
  const line = record.lines.find((l) => l.entry.id === wrong.id);
  expect(line?.state).toBe("struck");
  expect(line?.entry.body).toEqual({ text: "Testcase: allergic to DEMO-cillin" });
  expect(line?.struckBy?.ref?.reason).toBe("wrong patient");
});
