import * as z from "zod/mini";

const endpoints = z.object({ trusts: z.array(z.object({ trust: z.string(), name: z.string(), control: z.string() })) });
export type TrustEndpoint = z.infer<typeof endpoints>["trusts"][number];

/** The cells whose desk this app may be, from its own origin. */
export const readEndpoints = async (): Promise<TrustEndpoint[]> => {
  const answer = await fetch("/endpoints.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`the list of trusts was answered ${answer.status}`);
  return endpoints.parse(await answer.json()).trusts;
};
