import type { SessionTokens } from "#protocol/session.ts";
import type { LoadClient } from "./load.ts";
import type { LoadDevice } from "./workload.ts";

/**
 * The tablet with one of its people signed in, as after an unlock: what reads is their token. Null when the base lets nobody
 * in, or knows the tablet no more.
 */
export const signedInByGrant = async (client: LoadClient, device: LoadDevice): Promise<LoadDevice | null> => {
  const body = JSON.stringify(device.signIn);
  const answer = await client.post("/identity/v1/sign-in/grant", body, device);
  return answer.status === 200 ? { ...device, token: (JSON.parse(answer.body) as SessionTokens).accessToken } : null;
};
