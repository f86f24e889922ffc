import { randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider, { type Configuration } from "oidc-provider";
import { SetupProblem } from "../config.ts";
import { trusts } from "../trusts.ts";
import {
  type ChoicePage,
  choicePage,
  messagePage,
  pageHeaders,
  signOutPage,
  styleSheet,
} from "./demonstration-pages.ts";
import { type DemonstrationPerson, demonstrationStaff } from "./demonstration-roster.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import { demonstrationIssuer } from "./seed-demonstration.ts";

export interface DemonstrationProvider {
  /** `http://id.localhost:7404`. */
  issuer: string;
  port: number;
  close(): Promise<void>;
}

const bodyBytesMax = 4_000;
const acr = "urn:holdfast:two-factors";
/** Sign-ins that are under way and have a code on their page; oldest out first. */
const codesMax = 1_000;

/**
 * Runs an organisation's stand-in: an OpenID Connect provider whose people are invented and whose second factor stands on
 * its own page. `secondFactor: false` is for tests of what is then refused. Throws SetupProblem where the port is taken.
 */
export const startDemonstrationProvider = async (options: {
  bind: string;
  port: number;
  secondFactor?: boolean;
}): Promise<DemonstrationProvider> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code !== "EADDRINUSE"
          ? error
          : new SetupProblem(
              "port-taken",
              `Port ${options.port} on ${options.bind} is taken, so the demonstration's sign-in provider cannot listen.`,
              "stop what uses it, or set HOLDFAST_PROVIDER_PORT to another port.",
            ),
      ),
    );
    server.listen(options.port, options.bind, resolve);
  });
  const { port } = server.address() as { port: number };
  const issuer = demonstrationIssuer(port);
  const provider = new Provider(issuer, await configuration(options.secondFactor !== false));
  allowOurApps(provider);
  const answer = provider.callback();
  const pages = signInPages(provider, options.secondFactor !== false);
  server.on("request", (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    if (path === "/style.css") return send(response, 200, styleSheet, "text/css");
    if (!path.startsWith("/sign-in/")) return void answer(request, response);
    pages(request, response).catch(() =>
      send(response, 400, messagePage("This sign-in has ended. Go back and begin again.")),
    );
  });
  return {
    issuer,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const everybody = (): Map<string, DemonstrationPerson> =>
  new Map(trusts.flatMap(({ trust }) => demonstrationStaff(trust)).map((person) => [person.userId, person]));

const configuration = async (secondFactor: boolean): Promise<Configuration> => {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return {
    adapter: memoryAdapter(),
    clients: [
      {
        client_id: "holdfast",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://hospital.localhost/sign-in/return"],
        post_logout_redirect_uris: ["http://hospital.localhost/"],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: "RS256", kid: "demonstration" }] },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    acrValues: secondFactor ? [acr] : [],
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.set(pageHeaders);
          ctx.body = signOutPage(form);
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.set(pageHeaders);
          ctx.body = messagePage("You are signed out of the demonstration provider.");
        },
      },
    },
    findAccount: (_ctx, sub) => (everybody().has(sub) ? { accountId: sub, claims: () => ({ sub }) } : undefined),
    interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
    loadExistingGrant: async ({ oidc }) => {
      const { client, session, provider } = oidc;
      // Nobody is asked whether Holdfast may know who they are: at an organisation's own provider the organisation said so.
      const grant = new provider.Grant({ clientId: client!.clientId, accountId: session!.accountId! });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
    renderError: (ctx, { error }) => {
      ctx.set(pageHeaders);
      ctx.body = messagePage(`The sign-in cannot go on (${error}). Go back and begin again.`);
    },
    ttl: { Interaction: 600, Session: 3_600, Grant: 3_600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
  };
};

/** The apps' ports differ from run to run, so their origins are known by host and path; a real client has its own listed. */
const allowOurApps = (provider: Provider): void => {
  const ours = (value: string, path: string): boolean => {
    const to = URL.parse(value);
    return to?.pathname === path && /^(hospital|control)\.localhost$/.test(to.hostname) && to.search === "";
  };
  const prototype = (provider.Client as unknown as { prototype: Record<string, (value: string) => boolean> }).prototype;
  prototype.redirectUriAllowed = (value) => ours(value, "/sign-in/return");
  prototype.postLogoutRedirectUriAllowed = (value) => ours(value, "/");
};

/** `GET` and `POST /sign-in/<uid>`: choose a person, and type the code that stands on the page. */
const signInPages = (provider: Provider, secondFactor: boolean) => {
  const codes = new Map<string, string>();
  const people = trusts.map(({ trust, name }) => ({ name, people: demonstrationStaff(trust) }));
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { uid } = await provider.interactionDetails(request, response);
    const code = codes.get(uid) ?? String(randomInt(100_000, 1_000_000));
    if (codes.size >= codesMax) codes.delete(codes.keys().next().value!);
    codes.set(uid, code);
    const page: ChoicePage = { action: `/sign-in/${uid}`, code: secondFactor ? code : null, groups: people };
    if (request.method !== "POST") return send(response, 200, choicePage(page));
    const given = new URLSearchParams(await bodyOf(request));
    const person = everybody().get(given.get("person") ?? "");
    if (person === undefined) return send(response, 400, choicePage({ ...page, fault: "Choose a person." }));
    if (secondFactor && !isSame(given.get("code") ?? "", code)) {
      const fault = "That is not the code in the notice above.";
      return send(response, 400, choicePage({ ...page, fault, chosen: person.userId }));
    }
    codes.delete(uid);
    const login = { accountId: person.userId, remember: false, ...(secondFactor && { acr, amr: ["mfa"] }) };
    await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  };
};

const isSame = (given: string, code: string): boolean => {
  const typed = Buffer.from(given.replace(/\D/g, ""));
  return typed.length === code.length && timingSafeEqual(typed, Buffer.from(code));
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) throw new Error("The form is too large.");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
};

const send = (response: ServerResponse, status: number, body: string, type = "text/html"): void => {
  response.writeHead(status, { ...pageHeaders, "content-type": `${type}; charset=utf-8` }).end(body);
};
