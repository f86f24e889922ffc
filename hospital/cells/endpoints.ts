import * as z from "zod/mini";

const endpoints = z.object({
  trusts: z.array(z.object({ trust: z.string(), name: z.string(), crew: z.string(), care: z.string() })),
});
export type Endpoint = z.infer<typeof endpoints>["trusts"][number];

const key = "holdfast.endpoints";

/**
 * The cells this app may call, from its own origin; without a network, those it called last. Rejects only where neither
 * is to be had.
 */
export const readEndpoints = async (): Promise<Endpoint[]> => {
  try {
    const answer = await fetch("/endpoints.json", { cache: "no-cache" });
    if (!answer.ok) throw new Error(`endpoints.json: ${answer.status}`);
    const read = endpoints.parse(await answer.json());
    localStorage.setItem(key, JSON.stringify(read));
    return read.trusts;
  } catch (failure) {
    const kept = localStorage.getItem(key);
    if (kept === null) throw failure;
    return endpoints.parse(JSON.parse(kept)).trusts;
  }
};

/** `Northmoor` from `Northmoor Ambulance Service`, for where room is short. */
export const shortName = ({ name }: Endpoint): string => name.replace(/ ambulance.*$/i, "");
