import * as z from "zod/mini";

/** `/endpoints.json` of the app's own origin: the trusts that can be chosen, and where their crew zone answers. */
const endpoints = z.object({
  trusts: z.array(z.object({ trust: z.string(), name: z.string(), crew: z.string() })),
});
export type TrustEndpoint = z.infer<typeof endpoints>["trusts"][number];

/** Rejects when the list cannot be had or read. */
export const fetchEndpoints = async (): Promise<TrustEndpoint[]> => {
  const response = await fetch("/endpoints.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`endpoints.json answered ${response.status}`);
  return endpoints.parse(await response.json()).trusts;
};
