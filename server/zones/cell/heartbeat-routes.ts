import type { FastifyInstance } from "fastify";
import { type Certificate, type CertificateFault, checkCertificate } from "#protocol/certificate.ts";
import type { WrappedSiteKeys } from "#protocol/film.ts";
import type { SignedStatement } from "#protocol/grants.ts";
import { type HeartbeatRequest, type HeartbeatResponse, heartbeatRequest } from "#protocol/heartbeat.ts";
import type { Cell } from "../../cell.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { principalOf } from "../../http/sign-in.ts";
import { isDueForRenewal, renewalOf, verifyText } from "../../identity/certificates.ts";
import { isPublicKey } from "../../identity/device-key.ts";
import type { KnownDevice } from "../../identity/devices.ts";
import { downtimeFor } from "../../identity/downtime.ts";
import { thumbprintOf } from "../../identity/dpop.ts";
import type { Principal } from "../../identity/identity.ts";
import { rosterFor } from "../../identity/roster.ts";
import { accessor } from "../../logs/access-line.ts";
import type { CellZone } from "../../trusts.ts";
import type { ServersOf } from "./server-list.ts";

/**
 * `POST /identity/v1/heartbeat`: a device says which chains it holds, and that it is the only one with its key. Revoked devices
 * are answered too: that is how their crews learn that what they write waits for the desk.
 */
export const heartbeatRoutes = (app: FastifyInstance, zone: CellZone, cells: Cells, servers: ServersOf): void => {
  app.post(
    "/identity/v1/heartbeat",
    { config: { action: "watch" } },
    async (request, reply): Promise<HeartbeatResponse> => {
      const cell = cellOf(cells, zone, request);
      const principal = principalOf(cell, zone, request);
      const asked = parseMessage(heartbeatRequest, request.body);
      const { deviceId } = principal;
      const before = await cell.devices.find(deviceId);
      if (before === undefined)
        throw new ProblemError(
          401,
          "unknown-device",
          "This device is not known here.",
          "Enrol it again; what it holds is kept.",
        );
      // Whoever stole a key of tokens before it was rotated can make such a token, and has not the device's key to prove it with.
      if (principal.formerlyReadUntilMs !== undefined && principal.keyThumbprint !== thumbprintOf(before.jwk))
        throw new ProblemError(
          401,
          "sign-in",
          "This device is not signed in here.",
          "Enrol it again; what it holds is kept.",
        );
      const certificate = asked.certificate && (await soundCertificate(cell, principal, before, asked.certificate));
      const server = cell.state();
      // A standby takes no note of who is two, renews nothing and tells nothing new: that is the base's.
      const need = server.standby ? [] : await cell.heartbeats.take(before, asked);
      const { state } = cell.devices.known(deviceId) ?? before;
      reply.header("cache-control", "no-store");
      const disposed = [...new Set(asked.heads.map(({ recordId }) => recordId))].filter(cell.disposed.has);
      const answer = {
        server,
        state,
        need,
        atDesk: await cell.heldBack.waiting(deviceId),
        ...(disposed.length > 0 && { disposed }),
      };
      if (state !== "active" || server.standby) return answer;
      const nowMs = Date.now();
      const isDue =
        certificate === undefined || isDueForRenewal(certificate, nowMs) || principal.formerlyReadUntilMs !== undefined;
      const isTablet = zone === "crew" && asked.page.at === 0;
      const roster = isTablet
        ? await rosterFor({ ...cell, log: cell.identityLog }, deviceId, nowMs, {
            held: asked.roster,
            isLocked: principal.readsUntilMs <= nowMs,
          })
        : undefined;
      const downtime = isTablet ? await downtimeFor(cell.identityLog, nowMs, asked.downtime) : undefined;
      const siteKeys = siteKeysFor(cell, principal, asked, nowMs);
      return {
        ...answer,
        // What has run out is not renewed: a tablet from the back of a drawer is looked at by somebody first.
        ...(isDue && mayStillRead(principal, certificate, nowMs) && { renewed: renewalOf(cell, before, nowMs) }),
        servers: servers(cell),
        ...(roster && { roster }),
        ...(downtime && { downtime }),
        ...(siteKeys && { siteKeys }),
      };
    },
  );
};

/** What opens films, for a screen of the site that still reads. */
const siteKeysFor = (
  cell: Cell,
  { deviceId, siteId, readsUntilMs, zone }: Principal,
  asked: HeartbeatRequest,
  nowMs: number,
): WrappedSiteKeys | undefined => {
  const { siteKeys } = asked;
  if (zone !== "care" || siteId === undefined || siteKeys === undefined || readsUntilMs <= nowMs) return undefined;
  if (!isPublicKey(siteKeys.sealTo))
    throw new ProblemError(400, "bad-key", "The key to seal to is no point of P-256.", "Make a new key pair.");
  return cell.siteKeys.wrappedFor({ siteId, deviceId, ...siteKeys });
};

/** Whatever token comes with the device's proof, its own or that of the person on it, renews the device while it reads. */
const mayStillRead = (
  { readsUntilMs, formerlyReadUntilMs }: Principal,
  certificate: Certificate | undefined,
  nowMs: number,
): boolean => {
  const isCertified = certificate !== undefined && Date.parse(certificate.readsUntil) > nowMs;
  // A former token counts with the trust's own statement beside it, and not by itself.
  if (formerlyReadUntilMs !== undefined) return formerlyReadUntilMs > nowMs && isCertified;
  return readsUntilMs > nowMs && (certificate === undefined || isCertified);
};

/** What the certificate says, run out or not. One that is not this trust's over this device's key is a 403, noted. */
const soundCertificate = async (
  cell: Cell,
  principal: Principal,
  device: KnownDevice,
  given: SignedStatement,
): Promise<Certificate> => {
  const { deviceId } = device;
  const holder = { trust: cell.trust, deviceId, keyThumbprint: thumbprintOf(device.jwk), nowMs: 0 };
  const read = await checkCertificate(given, holder, cell.issuer.publicKeys, verifyText);
  if ("says" in read) return read.says;
  const code = `certificate-${read.fault}`;
  cell.onSecurityEvent({ code, deviceId });
  await cell.access.write({
    ...accessor(principal),
    action: "refused",
    purpose: "sign-in",
    relation: "device",
    recordIds: [],
    detail: code,
  });
  throw new ProblemError(403, code, faultWords[read.fault], "Enrol this device again; what it holds is kept.");
};

const faultWords: Record<CertificateFault, string> = {
  "bad-signature": "This trust did not sign the device's certificate.",
  unreadable: "What the device shows is no certificate.",
  "other-trust": "The device's certificate is another trust's.",
  "other-device": "The certificate is another device's.",
  "other-key": "The certificate is over another key.",
  expired: "The device's certificate has run out.",
};
