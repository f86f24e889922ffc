import type { PushAnswer } from "#protocol/push.ts";
import { TransportFailure } from "../../ports.ts";
import { cheapHash } from "../cheap.ts";
import type { Planted } from "../world.ts";

/** Bugs in how a device reads an answer. */
export const ignoreNeed: Planted = {
  transport: (transport) => ({
    ...transport,
    push: async (request) => ({ ...(await transport.push(request)), need: [] }),
    heads: async (request) => ({ ...(await transport.heads(request)), need: [] }),
  }),
};

/** One entry that the base cannot read holds up all that follows it in the message. */
export const poisonBlocksChain: Planted = {
  transport: (transport) => ({
    ...transport,
    push: async (request) => {
      const response = await transport.push(request);
      const poison = response.answers.findIndex((a) => a.answer === "quarantined");
      const answers = response.answers.map(
        (a, i): PushAnswer => (poison >= 0 && i >= poison ? { hash: a.hash, answer: "retry" } : a),
      );
      return { ...response, answers };
    },
  }),
};

/** "Come back later" is taken for "done". */
export const dropOnRetry: Planted = {
  transport: (transport, store) => ({
    ...transport,
    push: async (request) => {
      try {
        return await transport.push(request);
      } catch (error) {
        const server = await store.server();
        if (!(error instanceof TransportFailure) || error.code !== "busy" || !server) throw error;
        const texts = request.chains.flatMap((run) => run.entries);
        const answers = texts.map((text): PushAnswer => ({ hash: cheapHash(text), answer: "accepted", position: 1 }));
        return { server, answers, need: [], lanes: ["P0", "P1"] };
      }
    },
  }),
};

/** Reads only what is newer than the newest it has seen, by the clocks of those who wrote it. */
export const skipLateClock: Planted = {
  transport: (transport) => {
    let newest = "";
    return {
      ...transport,
      pull: async (request) => {
        const response = await transport.pull(request);
        const records = { ...response.records };
        for (const [recordId, part] of Object.entries(records)) {
          if (!("lines" in part)) continue;
          const lines = part.lines.filter((line) => clockOf(line.entry) >= newest);
          for (const line of lines) if (clockOf(line.entry) > newest) newest = clockOf(line.entry);
          records[recordId] = { ...part, lines };
        }
        return { ...response, records };
      },
    };
  },
};
const clockOf = (text: string): string => /"clock":"([^"]*)"/.exec(text)?.[1] ?? "";

/** Takes the newest answer for the truth, also from a server that an election has left behind. */
export const followLowerEpoch: Planted = {
  replicaStore: (store) => ({
    ...store,
    server: async () => undefined,
    setServer: async (state) => store.setServer(state),
  }),
  transport: (transport, store) => ({
    ...transport,
    push: async (request) => {
      const response = await transport.push({ ...request, epochSeen: 0 });
      await store.setServer(response.server);
      return response;
    },
  }),
};
