import { createHmac } from "node:crypto";
import * as client from "openid-client";
import * as z from "zod/mini";
import { ProblemError } from "../http/problem-error.ts";
import type { ControlLog } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { Challenges } from "./challenges.ts";
import { providerFetch } from "./provider-fetch.ts";

/**
 * The setting `provider`: an organisation's or the nation's OpenID Connect provider. Without it a trust has passkeys alone.
 * What a provider says of two factors may be named otherwise here; that it must say it cannot be turned off.
 */
const providerSetting = z.object({
  /** As people know it. */
  name: z.string().check(z.minLength(1)),
  issuer: z.url(),
  clientId: z.string().check(z.minLength(1)),
  /** Without one the code flow rests on PKCE alone. */
  clientSecret: z.optional(z.string()),
  /** Asked for, in order of preference; any of them counts as two factors. */
  acrValues: z._default(z.array(z.string()), []),
  /** Any of these in `amr` counts as two factors. RFC 8176 has `mfa`. */
  amrValues: z._default(z.array(z.string()), ["mfa"]),
});
type ProviderSetting = z.infer<typeof providerSetting>;

export interface ProviderSignIn {
  issuer: string;
  sub: string;
  /** As it was given to `start`. */
  codeId: string | undefined;
  /** Where the browser ends the provider's own session. */
  signOutUrl: string | undefined;
}

export interface Provider {
  /** Null where a trust has no provider. Asks nobody. */
  describe(): Promise<{ name: string } | null>;
  /**
   * Where the browser goes to sign in; `redirectUri` is where it comes back to. `again`: whoever the provider remembers is
   * asked all the same; `codeId`: of the desk's code that the person began with. Rejects with a ProblemError 503 `provider-down` or 502 `provider-wrong`.
   */
  start(at: { deviceId: string; redirectUri: string; again: boolean; codeId?: string | undefined }): Promise<string>;
  /** `query` is what the provider sent the browser back with. Rejects with a ProblemError that says what to do. */
  finish(deviceId: string, query: string): Promise<ProviderSignIn>;
}

const timeoutSeconds = 5;
/** A sign-in that is said to be new was within these seconds. */
const newSignInSeconds = 300;

/** What a sign-in that leaves for the provider takes along, and brings back. */
const startedSignIn = z.object({
  redirectUri: z.string(),
  again: z.boolean(),
  issuer: z.string(),
  codeId: z.optional(z.string()),
});
type Started = z.infer<typeof startedSignIn>;

export const createProvider = (parts: {
  log: Pick<ControlLog, "find">;
  keyRing: KeyRing;
  challenges: Challenges;
  onSecurityEvent(event: { code: string; deviceId: string }): void;
}): Provider => {
  const { log, challenges, onSecurityEvent } = parts;
  const key = parts.keyRing.derive("provider sign-in");
  /** Nothing is kept of a flow: both secrets come from its state, and only this server can work them out. */
  const secretOf = (use: string, state: string): string =>
    createHmac("sha256", key).update(`${use} ${state}`).digest("base64url");

  /**
   * Asked anew as each sign-in begins: a browser that was sent to a provider that is down would end on its own error page.
   * What answered then is good for the way back.
   */
  let known: { of: string; configuration: client.Configuration } | undefined;
  const discoverFor = async (setting: ProviderSetting): Promise<client.Configuration> => {
    const configuration = await discover(setting);
    known = { of: JSON.stringify(setting), configuration };
    return configuration;
  };
  const knownFor = async (setting: ProviderSetting): Promise<client.Configuration> =>
    known?.of === JSON.stringify(setting) ? known.configuration : discoverFor(setting);

  const settingNow = async (): Promise<ProviderSetting | null> => {
    const subject = await log.find("setting", "provider");
    // The desk fills it in field by field: until it is whole there is no provider.
    return providerSetting.safeParse(subject?.state).data ?? null;
  };
  const providerProblem = (setting: ProviderSetting, error: unknown, deviceId: string): ProblemError => {
    const problem = problemOf(setting, error);
    if (problem.problem.code === "provider-wrong") onSecurityEvent({ code: "provider-wrong", deviceId });
    return problem;
  };
  const setUp = async (): Promise<ProviderSetting> => {
    const setting = await settingNow();
    if (setting) return setting;
    throw new ProblemError(404, "no-provider", "This trust has no sign-in provider.", "Sign in with a passkey.");
  };

  return {
    describe: async () => {
      const setting = await settingNow();
      return setting && { name: setting.name };
    },

    start: async ({ deviceId, redirectUri, again, codeId }) => {
      const setting = await setUp();
      const configuration = await discoverFor(setting).catch((error) => {
        throw providerProblem(setting, error, deviceId);
      });
      const state = challenges.make(
        "provider",
        deviceId,
        JSON.stringify({ redirectUri, again, issuer: setting.issuer, codeId } satisfies Started),
      );
      const verifier = secretOf("verifier", state);
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: "openid",
        state,
        nonce: secretOf("nonce", state),
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(setting.acrValues.length > 0 && { acr_values: setting.acrValues.join(" ") }),
        ...(again && { prompt: "login", max_age: String(newSignInSeconds) }),
      });
      return url.href;
    },

    finish: async (deviceId, query) => {
      const setting = await setUp();
      const given = new URLSearchParams(query);
      const state = given.get("state") ?? "";
      const about = await challenges.use("provider", deviceId, state);
      const started = about === null ? null : startedSignIn.parse(JSON.parse(about));
      // An answer of the provider that the trust had before is none of the one it has.
      if (started === null || started.issuer !== setting.issuer)
        throw new ProblemError(
          400,
          "sign-in-lapsed",
          "This sign-in was begun too long ago, or elsewhere.",
          "Begin again.",
        );
      const { redirectUri, again, codeId } = started;
      if (given.has("error")) throw refusal(setting, given.get("error") ?? "");
      const back = new URL(redirectUri);
      back.search = given.toString();
      try {
        const configuration = await knownFor(setting);
        const tokens = await client.authorizationCodeGrant(configuration, back, {
          expectedState: state,
          expectedNonce: secretOf("nonce", state),
          pkceCodeVerifier: secretOf("verifier", state),
          idTokenExpected: true,
          ...(again && { maxAge: newSignInSeconds }),
        });
        const claims = tokens.claims()!;
        if (!hasTwoFactors(claims, setting)) {
          onSecurityEvent({ code: "second-factor-missing", deviceId });
          throw new ProblemError(
            403,
            "second-factor-missing",
            `${setting.name} let you in with one factor; here it takes two.`,
            "Set up a second factor there, or use a passkey.",
          );
        }
        return {
          issuer: setting.issuer,
          sub: claims.sub,
          codeId,
          signOutUrl: signOutUrl(configuration, tokens.id_token, new URL("/", redirectUri).href),
        };
      } catch (error) {
        throw providerProblem(setting, error, deviceId);
      }
    },
  };
};

const discover = (setting: ProviderSetting): Promise<client.Configuration> => {
  const issuer = new URL(setting.issuer);
  // Only this machine's own names may speak http; for any other the library insists on https.
  const isLocal = issuer.hostname.endsWith(".localhost");
  const authentication =
    setting.clientSecret === undefined ? client.None() : client.ClientSecretPost(setting.clientSecret);
  return client.discovery(issuer, setting.clientId, undefined, authentication, {
    timeout: timeoutSeconds,
    [client.customFetch]: providerFetch,
    // Without it the signature of an ID token that came from the token endpoint is not looked at.
    execute: [client.enableNonRepudiationChecks, ...(isLocal ? [client.allowInsecureRequests] : [])],
  });
};

/** What the provider says of how the person signed in, against what counts as two factors. Saying nothing is one. */
const hasTwoFactors = (claims: client.IDToken, { acrValues, amrValues }: ProviderSetting): boolean => {
  const amr = Array.isArray(claims.amr) ? claims.amr : [];
  return acrValues.some((acr) => acr === claims.acr) || amrValues.some((each) => amr.includes(each));
};

const signOutUrl = (
  configuration: client.Configuration,
  idToken: string | undefined,
  back: string,
): string | undefined => {
  if (configuration.serverMetadata().end_session_endpoint === undefined || idToken === undefined) return undefined;
  return client.buildEndSessionUrl(configuration, { id_token_hint: idToken, post_logout_redirect_uri: back }).href;
};

/** The provider's own words may be anything, so only its code is told, and only where it is one. */
const refusal = ({ name }: ProviderSetting, error: string): ProblemError => {
  if (error === "temporarily_unavailable" || error === "server_error") return down(name);
  const code = /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : "";
  return new ProblemError(
    403,
    "provider-refused",
    `${name} did not sign you in${code}.`,
    "Try again, or use a passkey.",
  );
};

const down = (name: string): ProblemError =>
  new ProblemError(
    503,
    "provider-down",
    `${name} does not answer.`,
    "Sign in with your passkey, or try again in a minute.",
    60_000,
  );

const problemOf = (setting: ProviderSetting, error: unknown): ProblemError => {
  if (error instanceof ProblemError) return error;
  const isRefusal = error instanceof client.ResponseBodyError || error instanceof client.AuthorizationResponseError;
  if (isRefusal && error.error === "invalid_grant")
    return new ProblemError(400, "sign-in-lapsed", "This sign-in was used or is too old.", "Begin again.");
  if (isRefusal) return refusal(setting, error.error);
  if (isSilence(error)) return down(setting.name);
  return new ProblemError(
    502,
    "provider-wrong",
    `${setting.name} gave an answer that cannot be trusted.`,
    "Sign in with your passkey, and tell the desk.",
  );
};

/** Nothing came, or not in time, or it said so itself with a 5xx: as opposed to an answer that is wrong. */
const isSilence = (error: unknown): boolean => {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each.name === "TimeoutError" || each.name === "AbortError" || each.name === "ProviderSilent") return true;
    if ("code" in each && (each.code === "OAUTH_TIMEOUT" || each.code === "OAUTH_ABORT")) return true;
  }
  return false;
};
