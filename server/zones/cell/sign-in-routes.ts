import type { FastifyInstance, FastifyRequest } from "fastify";
import type * as z from "zod/mini";
import {
  breakGlassSignIn,
  type ChallengeResponse,
  challengeRequest,
  grantSignIn,
  type PasskeyMade,
  type PasskeyStartResponse,
  type PinMade,
  type PinNew,
  type ProviderStartResponse,
  passkeyNew,
  passkeySignIn,
  passkeyStart,
  pinNew,
  providerFinish,
  providerStart,
  type SignedIn,
  type SignedInPerson,
  type SignInWays,
} from "#protocol/sign-in.ts";
import type { Cell } from "../../cell.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { addressOf } from "../../http/rate-limits.ts";
import { inGoodStanding, mayRead, principalOf } from "../../http/sign-in.ts";
import type { Principal } from "../../identity/identity.ts";
import { accessor } from "../../logs/access-line.ts";
import type { CellZone } from "../../trusts.ts";

/** Sign-ins a minute from one address: a department's screens are many, guesses are more. */
const signInsPerMinute = 120;
/** A fleet behind one address comes back at once, and a signed grant is no guess. */
const grantsPerMinute = 2_000;
const bodyBytesMax = 40_000;
/** Where the apps take a provider's answer. */
const returnPath = "/sign-in/return";

interface SignInCall {
  cell: Cell;
  /** Always an enrolled device that proved its key; perhaps with a person already. */
  principal: Principal;
  request: FastifyRequest;
}

/**
 * People's sign-in on an enrolled device: `GET /identity/v1/sign-in` and `POST /identity/v1/sign-in/…`, `/passkeys…`, `/pin`
 * (protocol/sign-in.ts). `appOrigins`: those of our web apps, each the relying party of its passkeys.
 */
export const signInRoutes = (
  app: FastifyInstance,
  zone: CellZone,
  cells: Cells,
  appOrigins: () => readonly string[],
): void => {
  const config = { action: "sign-in", rateLimit: { max: signInsPerMinute, keyGenerator: addressOf } } as const;

  const callOf = (request: FastifyRequest, may = mayRead): SignInCall => {
    const cell = cellOf(cells, zone, request);
    return { cell, principal: may(principalOf(cell, zone, request)), request };
  };
  const originOf = ({ headers: { origin } }: FastifyRequest): string => {
    if (origin !== undefined && appOrigins().includes(origin)) return origin;
    throw new ProblemError(403, "unknown-origin", "This page is none of Holdfast's.", "Sign in from the app.");
  };

  app.get("/identity/v1/sign-in", { config }, async (request, reply) => {
    const { cell } = callOf(request);
    reply.header("cache-control", "no-store");
    return (await cell.signIn.ways()) satisfies SignInWays;
  });

  /** A `POST` whose refusals are noted too, with their code. */
  const post = <T extends z.ZodMiniType>(
    path: string,
    schema: T,
    answer: (asked: z.infer<T>, call: SignInCall) => Promise<object>,
    { perMinute = signInsPerMinute, may = mayRead } = {},
  ): void => {
    const limited = { ...config, rateLimit: { ...config.rateLimit, max: perMinute } };
    app.post(`/identity/v1/${path}`, { config: limited, bodyLimit: bodyBytesMax }, async (request, reply) => {
      const call = callOf(request, may);
      reply.header("cache-control", "no-store");
      try {
        return await answer(parseMessage(schema, request.body ?? {}), call);
      } catch (error) {
        if (error instanceof ProblemError && error.status === 403)
          await note(call, call.principal, "refused", `sign-in ${error.problem.code}`);
        throw error;
      }
    });
  };

  post("sign-in/challenge", challengeRequest, async (_asked, { cell, principal }) => {
    return { challenge: cell.signIn.challenge(principal.deviceId) } satisfies ChallengeResponse;
  });
  post("sign-in/passkey", passkeySignIn, async (asked, call) => {
    const { cell, principal, request } = call;
    return open(call, await cell.signIn.byPasskey(asked, principal, originOf(request)));
  });
  post("sign-in/provider/start", providerStart, async ({ again = true, code }, { cell, principal, request }) => {
    const redirectUri = `${originOf(request)}${returnPath}`;
    // A sign-in at the desk counts as step-up, so whoever a provider remembers shows both factors all the same.
    const isAsked = again || zone === "control";
    const url = await cell.signIn.startProvider({ deviceId: principal.deviceId, redirectUri, again: isAsked, code });
    return { url } satisfies ProviderStartResponse;
  });
  post("sign-in/provider/finish", providerFinish, async ({ query }, call) => {
    const { person, signOutUrl } = await call.cell.signIn.byProvider(query, call.principal);
    return { ...(await open(call, person)), ...(signOutUrl !== undefined && { signOutUrl }) };
  });
  post("sign-in/break-glass", breakGlassSignIn, async ({ code, reason }, call) =>
    open(call, await call.cell.signIn.bySealedCode(code, reason, call.principal), "sealed account"),
  );
  if (zone === "crew")
    post(
      "sign-in/grant",
      grantSignIn,
      async (asked, call) => open(call, await call.cell.signIn.byGrant(asked, call.principal)),
      { perMinute: grantsPerMinute },
    );
  post("passkeys/start", passkeyStart, async ({ code }, { cell, principal }) => {
    return (await cell.signIn.startPasskey(code, principal)) satisfies PasskeyStartResponse;
  });
  post("passkeys", passkeyNew, async (asked, call) => {
    const { cell, principal, request } = call;
    const credentialId = await cell.signIn.registerPasskey(asked, principal, originOf(request));
    await note(call, principal, "passkey-added");
    return { credentialId } satisfies PasskeyMade;
  });
  const setPin = async (asked: PinNew, call: SignInCall) => {
    const { cell, principal } = call;
    const name = await cell.signIn.setPin(asked, principal);
    await note(call, principal, "pin-set");
    return { name } satisfies PinMade;
  };
  // A locked tablet's too, which reads nothing: with the desk's code.
  post("pin", pinNew, setPin, { may: inGoodStanding });
};

/** The person's session on this device. Who is signed in already has shown both factors again; anybody else takes over. */
const open = async (call: SignInCall, person: SignedInPerson, detail?: string): Promise<SignedIn> => {
  const { cell, principal } = call;
  const { deviceId, zone, siteId, keyThumbprint, sessionId } = principal;
  await note(call, { ...principal, person }, "sign-in", detail);
  const isSame = sessionId !== undefined && principal.person?.userId === person.userId;
  if (sessionId !== undefined && !isSame) await cell.sessions.end({ sessionId }, "replaced");
  if (!isSame)
    return { ...(await cell.sessions.open({ person, deviceId, zone, siteId, keyThumbprint: keyThumbprint! })), person };
  const { strength, ...tokens } = await cell.sessions.stepUp(sessionId, person.strength);
  return { ...tokens, person: { ...person, strength } };
};

const note = ({ cell }: SignInCall, principal: Principal, action: string, detail?: string): Promise<void> =>
  cell.access.write({
    ...accessor(principal),
    action,
    purpose: "sign-in",
    relation: "none",
    recordIds: [],
    ...(detail !== undefined && { detail }),
  });
