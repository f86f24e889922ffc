import type { FastifyInstance, FastifyRequest } from "fastify";
import { challengeHeader, nonceHeader, nonceWanted } from "#protocol/proof.ts";
import type { Cell } from "../cell.ts";
import { ProofProblem } from "../identity/dpop.ts";
import type { Principal } from "../identity/identity.ts";
import { sessionEnded } from "../identity/sessions.ts";
import type { CellZone } from "../trusts.ts";
import { type Cells, cellOf } from "./cell-host.ts";
import { ProblemError } from "./problem-error.ts";

/** Each request is proved once: its proof is spent by being checked. */
const proved = new WeakMap<FastifyRequest, Principal>();
/** What the answer to a request tells its client about proofs. */
const told = new WeakMap<FastifyRequest, { nonce?: string; error?: ProofProblem["error"] }>();

/**
 * Who calls: the token says it, and the proof that the caller holds the key it is bound to. A token of another zone does not
 * count here. Throws 401s: `sign-in`, `session-ended`, `use_dpop_nonce` (with a nonce in the answer) and what a proof can lack.
 * May be called again for the same request.
 */
export const principalOf = (cell: Cell, zone: CellZone, request: FastifyRequest): Principal => {
  const known = proved.get(request);
  if (known) return known;
  const { token = "", proof, isBearer } = credentialsOf(request);
  let principal: Principal | undefined;
  const note = (code: string) => cell.refusals.note({ token, zone, code, principal });
  try {
    principal = holderOf(cell, zone, token);
    if (principal.sessionId !== undefined && cell.sessions.isEnded(principal.sessionId)) throw sessionEnded();
    if (principal.connection !== undefined) checkConnection(cell, request, principal);
    // A token that names a key counts with its proof alone. One of the first version names none: it pushes, and reads nothing.
    if (principal.keyThumbprint !== undefined)
      checkProof(cell, request, proof, { token, keyThumbprint: principal.keyThumbprint });
    else if (principal.connection === undefined || !isBearer) throw notSignedIn();
  } catch (error) {
    // Nobody is refused who showed nothing, or who only asks for a nonce.
    if (error instanceof ProblemError && token !== "" && error.problem.code !== nonceWanted) note(error.problem.code);
    throw error;
  }
  const deviceState = principal.connection ? "active" : cell.devices.known(principal.deviceId)?.state;
  const caller = { ...principal, deviceState };
  // The token of a locked tablet never read: there is nothing that has run out.
  if (isOver(caller) && caller.readsUntilMs > 0) note("expired");
  if (caller.deviceState !== "active") note(revokedCode(caller.deviceState));
  proved.set(request, caller);
  return caller;
};

/**
 * Who pushes: the token alone says it, for ever. What is pushed is signed by its authors' keys, and what a crew wrote must
 * get home whatever became of its session.
 */
export const pusherOf = (cell: Cell, zone: CellZone, request: FastifyRequest): Principal => {
  const principal = holderOf(cell, zone, credentialsOf(request).token);
  if (principal.connection !== undefined) throw notSignedIn();
  return principal;
};

/** Thumbprint of the key that the request is proved with, for one that carries no access token. */
export const provingKeyOf = (cell: Cell, request: FastifyRequest): string =>
  checkProof(cell, request, credentialsOf(request).proof, {});

/** Whom the request's token names, proved or not; null for none of ours. For limits, which count and never admit. */
export const namedBy = (cells: Cells, zone: CellZone, request: FastifyRequest): Principal | null => {
  try {
    return holderOf(cellOf(cells, zone, request), zone, credentialsOf(request).token);
  } catch {
    return null;
  }
};

const isOver = ({ readsUntilMs }: Principal): boolean => readsUntilMs <= Date.now();

const revokedCode = (state: Principal["deviceState"]): string =>
  state === undefined ? "unknown-device" : `device-${state}`;

/** Throws a 403 unless the device is in good standing. */
export const inGoodStanding = (principal: Principal): Principal => {
  const { deviceState } = principal;
  if (deviceState === "active") return principal;
  throw new ProblemError(
    403,
    revokedCode(deviceState),
    deviceState === undefined ? "This device is not known here." : `The desk has this device as ${deviceState}.`,
    "Bring it to the desk. What it holds is kept, and pushing goes on.",
  );
};

/** Reading ends with the token's term, and at once with the device's good standing; pushing never does. */
export const mayRead = (principal: Principal): Principal => {
  if (!isOver(inGoodStanding(principal))) return principal;
  throw principal.sessionId === undefined
    ? new ProblemError(
        401,
        "sign-in-expired",
        "This device's term to read has ended.",
        "Enrol it again; pushing goes on.",
      )
    : new ProblemError(401, "token-expired", "The access token has run out.", "Refresh it.");
};

/** Makes every answer of a listener say what its client needs for the next proof. */
export const answerProofs = (app: FastifyInstance): void => {
  app.addHook("onSend", (request, reply, payload, done) => {
    const said = told.get(request);
    if (said?.nonce !== undefined) reply.header(nonceHeader, said.nonce);
    if (reply.statusCode === 401)
      reply.header(challengeHeader, `DPoP algs="ES256", error="${said?.error ?? "invalid_token"}"`);
    done(null, payload);
  });
};

/** Tells the nonce to a client that has none yet: a browser's socket cannot read the 401 that would say it. */
export const tellNonce = (cell: Cell, request: FastifyRequest): void =>
  void told.set(request, { nonce: cell.proofs.newestNonce() });

const notSignedIn = (): ProblemError =>
  new ProblemError(401, "sign-in", "This device is not signed in here.", "Enrol it again; what it holds is kept.");

const holderOf = (cell: Cell, zone: CellZone, token: string | undefined): Principal => {
  const principal = token === undefined ? null : cell.identity.authenticate(token);
  if (principal?.zone === zone) return principal;
  throw notSignedIn();
};

/** Another system reads FHIR and does nothing else; its connection may have been ended a moment ago. */
const checkConnection = (
  cell: Cell,
  request: FastifyRequest,
  { deviceId, keyThumbprint, connection: given }: Principal,
): void => {
  const connection = cell.connections.active(deviceId);
  if (connection === undefined)
    throw new ProblemError(401, "connection-ended", "This connection has ended.", "Ask the trust's desk.");
  if (connection.version !== given?.version)
    throw new ProblemError(401, "connection-changed", "This connection was changed since.", "Ask for another token.");
  // The desk may have asked for proofs since the token was given.
  const isProved = keyThumbprint !== undefined || connection.proof === "bearer";
  if (!isProved || request.routeOptions.config.action !== "read-fhir") throw notSignedIn();
};

interface Credentials {
  token: string | undefined;
  proof: string | undefined;
  isBearer: boolean;
}

/** A browser cannot set headers on a socket, so there token and proof are offered as subprotocols. */
const credentialsOf = (request: FastifyRequest): Credentials => {
  const { authorization = "", dpop, "sec-websocket-protocol": offered } = request.headers;
  if (offered === undefined) {
    const [, scheme = "", token] = /^(DPoP|Bearer) (.+)$/i.exec(authorization) ?? [];
    const isBearer = scheme.toLowerCase() === "bearer";
    return { token, proof: typeof dpop === "string" ? dpop : undefined, isBearer };
  }
  const protocols = offered.split(",").map((each) => each.trim());
  const after = (prefix: string) => protocols.find((each) => each.startsWith(prefix))?.slice(prefix.length);
  return { token: after("dpop."), proof: after("proof."), isBearer: false };
};

const checkProof = (
  cell: Cell,
  request: FastifyRequest,
  proof: string | undefined,
  bound: { token?: string; keyThumbprint?: string },
): string => {
  const url = `${request.protocol}://${request.headers.host}${request.url.split("?", 1)[0]}`;
  try {
    const { keyThumbprint, nextNonce } = cell.proofs.check(proof, { method: request.method, url, ...bound });
    if (nextNonce !== undefined) told.set(request, { nonce: nextNonce });
    return keyThumbprint;
  } catch (error) {
    if (error instanceof ProofProblem) told.set(request, { nonce: cell.proofs.newestNonce(), error: error.error });
    throw error;
  }
};
