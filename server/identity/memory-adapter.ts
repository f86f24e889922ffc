import type { Adapter, AdapterPayload } from "oidc-provider";

/** Things that a demonstration provider remembers; oldest out first. */
const keptMax = 10_000;

/** What oidc-provider keeps, in this process and no longer: its own says at every start that it is for quick starts only. */
export const memoryAdapter = (): ((model: string) => Adapter) => {
  const kept = new Map<string, { payload: AdapterPayload; endsMs: number }>();
  const find = (key: string): AdapterPayload | undefined => {
    const held = kept.get(key);
    return held !== undefined && held.endsMs > Date.now() ? held.payload : undefined;
  };
  const findWhere = (model: string, field: "uid" | "userCode", value: string): AdapterPayload | undefined => {
    for (const [key, { payload }] of kept)
      if (key.startsWith(`${model}:`) && payload[field] === value) return find(key);
    return undefined;
  };
  return (model) => {
    const keyOf = (id: string): string => `${model}:${id}`;
    return {
      upsert: async (id, payload, expiresIn = 0) => {
        if (kept.size >= keptMax) kept.delete(kept.keys().next().value!);
        kept.set(keyOf(id), { payload, endsMs: Date.now() + (expiresIn > 0 ? expiresIn : 86_400) * 1000 });
      },
      find: async (id) => find(keyOf(id)),
      findByUid: async (uid) => findWhere(model, "uid", uid),
      findByUserCode: async (userCode) => findWhere(model, "userCode", userCode),
      consume: async (id) => {
        const payload = find(keyOf(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void kept.delete(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        for (const [key, { payload }] of kept) if (payload.grantId === grantId) kept.delete(key);
      },
    };
  };
};
