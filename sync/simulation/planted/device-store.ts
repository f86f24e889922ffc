import type { HeldState } from "../../store.ts";
import type { Planted } from "../world.ts";

const everything = { entriesMax: 10_000, bytesMax: Number.MAX_SAFE_INTEGER };

/** Bugs in what a device does to its store. */
export const cursorBeforeData: Planted = {
  replicaStore: (store, world, life) => ({
    ...store,
    file: async (recordId, entries, cursor) => {
      await store.file(recordId, [], cursor);
      await world.scheduler.pause(life, 10);
      await store.file(recordId, entries, cursor);
    },
  }),
};

/** After any answer, everything that waits counts as done: Simple's bug. */
export const markAllPending: Planted = {
  replicaStore: (store) => ({
    ...store,
    mark: async (states) => {
      const all = new Map<string, HeldState>(states);
      const done = [...states.values()].find((s) => s.at === "acknowledged");
      if (done) for (const entry of await store.waiting(everything)) if (!all.has(entry.id)) all.set(entry.id, done);
      await store.mark(all);
    },
  }),
};

/** A store with room for few entries makes room by dropping the oldest. */
export const evictUnsent: Planted = {
  replicaStore: (store) => ({
    ...store,
    append: async (entry) => {
      const back = await store.append(entry);
      const oldest = (await store.waiting(everything))[0];
      if (!oldest || store.disk.entries.size <= 5) return back;
      store.disk.entries.delete(oldest.id);
      const record = store.disk.recordOf(oldest.recordId);
      record.ids = record.ids.filter((id) => id !== oldest.id);
      return back;
    },
  }),
};

/** "Saved" as soon as the disk says so. */
export const noReadBack: Planted = {
  replicaStore: (store) => {
    const written = new Map<string, Parameters<typeof store.append>[0]>();
    return {
      ...store,
      append: async (entry) => {
        await store.append(entry);
        written.set(entry.id, entry);
        return entry;
      },
      read: async (id) => written.get(id) ?? store.read(id),
    };
  },
};

/** A new life of the server, and the cursors stay where they were. */
export const noRewind: Planted = {
  replicaStore: (store) => ({
    ...store,
    file: async (recordId, entries, cursor) => {
      const held = (await store.records()).find((r) => r.recordId === recordId);
      if (held && entries.length === 0 && cursor.position < held.cursor.position) return;
      await store.file(recordId, entries, cursor);
    },
  }),
};

/** A new life of the server, and the positions that an older one gave are taken for its own. */
export const positionsOfAnyLife: Planted = {
  replicaStore: (store) => ({
    ...store,
    setServer: async (server) => {
      for (const entry of store.disk.entries.values()) {
        const { state } = entry;
        if (state.at !== "acknowledged" && state.at !== "foreign") continue;
        store.disk.entries.set(entry.id, { ...entry, state: { ...state, life: server.incarnation } });
      }
      await store.setServer(server);
    },
  }),
};

/** Forgets which life of the server it knew, and so that another one may know less. */
export const ignoreIncarnation: Planted = {
  transport: (transport) => {
    const first = new Map<number, string>();
    const asOne = <T extends { server: { epoch: number; incarnation: string } }>(response: T): T => {
      const { epoch, incarnation } = response.server;
      if (!first.has(epoch)) first.set(epoch, incarnation);
      return { ...response, server: { ...response.server, incarnation: first.get(epoch)! } };
    };
    return {
      push: async (request) => asOne(await transport.push(request)),
      pull: async (request) => asOne(await transport.pull(request)),
      heads: async (request) => asOne(await transport.heads(request)),
    };
  },
};
