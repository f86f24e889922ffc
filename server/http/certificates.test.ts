import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootForTest, type TestServer } from "#test/boot.ts";
import { selfSigned } from "#test/certificate.ts";
import { readConfig } from "../config.ts";
import { openCertificates } from "./certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-tls-"));
const crewHost = "crew.northmoor.localhost";
const careHost = "care.northmoor.localhost";
let server: TestServer;

const write = (host: string, serial: number, hosts = [host]): string => {
  const { certificate, key } = selfSigned(hosts, serial);
  writeFileSync(join(folder, `${host}.key`), key);
  writeFileSync(join(folder, `${host}.pem`), certificate);
  return certificate;
};

beforeAll(async () => {
  write(crewHost, 1);
  mkdirSync(join(folder, careHost));
  const { certificate, key } = selfSigned([careHost], 2);
  writeFileSync(join(folder, careHost, "fullchain.pem"), certificate);
  writeFileSync(join(folder, careHost, "privkey.pem"), key);
  write("tablet.localhost", 3, ["tablet.localhost", "hospital.localhost"]);
  server = await bootForTest({ settings: { HOLDFAST_TLS: folder } });
});
afterAll(async () => {
  await server?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Serial number of the certificate that a host is shown, and the version of TLS. */
const shown = (port: number, host: string | undefined, options: ConnectionOptions = {}) =>
  new Promise<{ serial: string; version: string | null }>((resolve, reject) => {
    const named = host === undefined ? {} : { servername: host };
    const socket: TLSSocket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...named, ...options });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      resolve({ serial: socket.getPeerCertificate().serialNumber, version: socket.getProtocol() });
      socket.destroy();
    });
  });

describe("TLS from a directory of certificates", () => {
  test("each host name is shown its own certificate, over TLS 1.3", async () => {
    expect(await shown(server.ports.crew, crewHost)).toEqual({ serial: "01", version: "TLSv1.3" });
    expect(await shown(server.ports.care, careHost)).toEqual({ serial: "02", version: "TLSv1.3" });
    expect(await shown(server.ports.app, "hospital.localhost")).toEqual({ serial: "03", version: "TLSv1.3" });
  });

  test("TLS 1.2, a name that no certificate has, and a client that names none are refused", async () => {
    await expect(shown(server.ports.crew, crewHost, { maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/i);
    await expect(shown(server.ports.crew, "elsewhere.example")).rejects.toThrow();
    await expect(shown(server.ports.crew, undefined)).rejects.toThrow();
  });

  test("answers carry Strict-Transport-Security, and addresses say https", async () => {
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const ask = request(
        {
          host: "127.0.0.1",
          port: server.ports.crew,
          path: "/healthz",
          servername: crewHost,
          rejectUnauthorized: false,
          headers: { host: crewHost },
        },
        (answer) => {
          answer.resume();
          resolve(answer.headers);
        },
      );
      ask.once("error", reject);
      ask.end();
    });
    expect(headers["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains");
    expect(server.addresses.tablet).toBe(`https://tablet.localhost:${server.ports.app}`);
    expect(server.addresses.cells[0]?.crew).toBe(`https://${crewHost}:${server.ports.crew}`);
  });

  test("a renewed certificate is in use without a restart; a broken one is told, and the old one goes on", async () => {
    const problems: string[] = [];
    const certificates = openCertificates(folder, (message) => problems.push(message), 20);
    const serial = () =>
      new Promise<unknown>((resolve, reject) =>
        certificates.options.SNICallback!(crewHost, (error, context) => (error ? reject(error) : resolve(context))),
      );
    try {
      const before = await serial();
      write(crewHost, 9);
      await expect.poll(serial).not.toBe(before);
      const renewed = await serial();
      writeFileSync(join(folder, `${crewHost}.key`), selfSigned([crewHost], 8).key);
      await expect.poll(() => problems.join()).toContain("another certificate's");
      expect(await serial()).toBe(renewed);
    } finally {
      certificates.close();
    }
  });
});

describe("plain HTTP", () => {
  const at = (environment: Record<string, string>) => readConfig({ HOLDFAST_BIND: "0.0.0.0", ...environment });

  test("is served on loopback alone, unless the settings say that they mean it", () => {
    expect(() => at({})).toThrow(/in the clear/);
    expect(() => readConfig({ HOLDFAST_BIND: "192.0.2.7" })).toThrow(/HOLDFAST_TLS/);
    for (const loopback of ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
      expect(readConfig({ HOLDFAST_BIND: loopback }).bind).toBe(loopback);
    expect(at({ HOLDFAST_INSECURE: "1" }).isInsecureAllowed).toBe(true);
    expect(at({ HOLDFAST_TLS: folder }).tlsDirectory).toBe(folder);
  });

  test("a directory without certificates ends the start with what to do", () => {
    const empty = mkdtempSync(join(tmpdir(), "holdfast-tls-empty-"));
    try {
      expect(() => openCertificates(empty, () => {})).toThrow(/no certificate with its key/);
      expect(() => openCertificates(join(empty, "missing"), () => {})).toThrow(/ENOENT/);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});
