import { headStatement, type PushRequest } from "#protocol/push.ts";
import { sealEntry } from "../chain.ts";
import { cheapHash, cheapRandom, signatureOf } from "./cheap.ts";
import type { SimServer } from "./sim-server.ts";
import { draftOf, type World } from "./world.ts";

/** An enrolled device that lies: reuses an id, forks its chain, breaks its links, and carries others' entries unsigned. */
export const createMallory = (world: World, base: SimServer) => {
  const random = cheapRandom(world.rng);
  const deviceId = random.uuid();
  const recordId = world.recordIds[0]!;
  let n = 1;
  let prev: string | null = null;
  let firstId: string | undefined;

  const seal = async (id?: string, place = { n, prev }) => {
    const clock = { nowMs: () => 0, timeZone: () => "UTC" };
    const draft = draftOf(recordId, "note", `mallory ${world.rng.next()}`);
    const once = id === undefined ? random : { ...random, uuid: () => id };
    const sealing = { deviceId, clock, random: once, hash: cheapHash, serverOffset: undefined };
    return sealEntry(draft, place, sealing);
  };
  const push = async (author: string, text: string, hash: string, at: number, signature?: string): Promise<void> => {
    const statement = headStatement({ deviceId: author, recordId, n: at, hash });
    const head = { n: at, hash, signature: signature ?? signatureOf(author, statement) };
    const request: PushRequest = {
      protocol: 1,
      epochSeen: 0,
      chains: [{ deviceId: author, recordId, entries: [text], head }],
    };
    await base.call(() => base.push(request)).catch(() => undefined);
  };

  return async (): Promise<void> => {
    const trick = firstId === undefined ? "honest" : world.rng.pick(["honest", "same-id", "fork", "broken", "stolen"]);
    world.log(`mallory: ${trick}`);
    if (trick === "stolen") {
      const line = base.disk.lines.find((l) => l.recordId === recordId && l.entry);
      if (line) await push(line.deviceId, line.text, line.hash, line.entry!.n, "sig-none");
    } else if (trick === "same-id") {
      const { text, hash } = await seal(firstId);
      await push(deviceId, text, hash, n);
    } else if (trick === "fork") {
      const { text, hash } = await seal(undefined, { n: 1, prev: null });
      await push(deviceId, text, hash, 1);
    } else if (trick === "broken") {
      const { text, hash } = await seal(undefined, { n, prev: "0".repeat(64) });
      await push(deviceId, text, hash, n);
    } else {
      const { entry, text, hash } = await seal();
      await push(deviceId, text, hash, n);
      firstId ??= entry.id;
      n++;
      prev = hash;
    }
  };
};
