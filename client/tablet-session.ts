import type { SignedStatement } from "#protocol/grants.ts";
import { type GrantSignIn, signedIn } from "#protocol/sign-in.ts";
import { TransportFailure } from "#sync/ports.ts";
import { createCredentials } from "./credentials.ts";
import type { DeviceTokens } from "./device-tokens.ts";
import { type DeviceIdentity, pinProofOf } from "./keys.ts";
import { createPersonSession } from "./person-session.ts";
import type { Servers } from "./servers.ts";
import { type Endpoint, postJson } from "./transport.ts";

/** A refusal stands until the base says otherwise; it is asked again after this, ms. */
const askAgainMs = 60_000;

/** Nothing of a session outlives an unlocked tablet's page: the grant that opens the next one is kept instead. */
const noStorage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };

export interface TabletPerson {
  identity: DeviceIdentity;
  servers: Servers;
  device: DeviceTokens;
  /** Undefined for somebody whom the trust has not granted this tablet: what it holds is shown, and nothing more is read. */
  granted: { grant: SignedStatement; pinKey: CryptoKey } | undefined;
  strength: GrantSignIn["strength"];
}

/** What shows the base who unlocked this tablet. */
export const grantSignInOf = async (
  { grant, pinKey }: NonNullable<TabletPerson["granted"]>,
  strength: GrantSignIn["strength"],
): Promise<GrantSignIn> => ({ grant, pinProof: await pinProofOf(pinKey, grant), strength });

/** The way to the base for whoever unlocked this tablet: at the first contact their grant becomes a session, which reads. */
export const tabletEndpoint = ({ identity, servers, device, granted, strength }: TabletPerson): Endpoint => {
  const session = createPersonSession({ identity, servers, device, key: "tablet", storage: noStorage });
  const asDevice = { servers, credentials: createCredentials(identity, device) };
  let signing: Promise<void> | undefined;
  let refusedAtMs = Number.NEGATIVE_INFINITY;
  // Another server of the trust may say otherwise.
  servers.onMove(() => {
    refusedAtMs = Number.NEGATIVE_INFINITY;
  });

  const signIn = async (): Promise<void> => {
    if (granted === undefined || Date.now() - refusedAtMs < askAgainMs) return;
    try {
      const asked = await grantSignInOf(granted, strength);
      session.signedIn(await postJson(asDevice, "/identity/v1/sign-in/grant", asked, signedIn));
    } catch (failure) {
      const isRefusal =
        failure instanceof TransportFailure && (failure.code === "refused" || failure.code === "rejected");
      if (!isRefusal) throw failure;
      refusedAtMs = Date.now();
    }
  };

  return {
    servers,
    credentials: createCredentials(identity, session.tokens),
    readsRecords: () => session.getSnapshot() !== null,
    beforeReading: async () => {
      if (session.getSnapshot() !== null) return;
      signing ??= signIn().finally(() => {
        signing = undefined;
      });
      await signing;
    },
  };
};
