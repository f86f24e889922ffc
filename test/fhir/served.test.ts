import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Client } from "fhir-kit-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrolNodeDevice, type NodeDevice, syncAll } from "#demo/node-client.ts";
import { demonstrationCells } from "#demo/shift.ts";
import type { Entry } from "#domain/entry/entry.ts";
import type { Bundle, CapabilityStatement, Observation } from "#sharing/fhir/r4.ts";
import { bootForTest, call, signedHeaders, type TestServer } from "#test/boot.ts";
import { enrolTestDevice, southgate, type TestDevice } from "#test/devices.ts";
import { describeUkCore } from "./definitions.ts";
import { isFound, parseKeepingDigits } from "./find-planted.ts";
import { type Planted, plantedRecord } from "./planted-record.ts";
import { findingsIn } from "./validate.ts";

/**
 * A hospital's gateway: holds the key and signs each request in, and names the care zone's host, which Node's `fetch`
 * neither resolves nor lets its caller set.
 */
const way = createServer(async (incoming, outgoing) => {
  const { method = "GET", url: path = "/" } = incoming;
  const signedIn = await signedHeaders(server, { zone: "care", method, path, token: screen.token });
  const headers = { ...incoming.headers, host: `care.northmoor.localhost:${server.ports.care}`, ...signedIn };
  const target = { host: "127.0.0.1", port: server.ports.care, path, method, headers };
  const ask = request(target, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(ask);
});

/** The whole way: written on a tablet, pushed, sealed, read on the care zone by a FHIR client that knows nothing of us. */
let server: TestServer;
let tablet: NodeDevice;
let screen: TestDevice;
let elsewhere: TestDevice;
const recordId = crypto.randomUUID();
let planted: Planted[];

beforeAll(async () => {
  server = await bootForTest();
  await new Promise<void>((resolve) => way.listen(0, "127.0.0.1", resolve));
  tablet = await enrolNodeDevice({ ...demonstrationCells(server.ports)[0]!.crew, name: "Tablet" });
  screen = await enrolTestDevice(server, "care");
  elsewhere = await enrolTestDevice(server, "care", "DEMO-SCREEN-HARBOUR");
  const made = plantedRecord(11);
  planted = made.planted;
  await write([
    ...made.entries.slice(0, 2),
    { ...made.entries[0]!, kind: "destination", body: { site: southgate } },
    ...made.entries.slice(2),
  ]);
  expect(await syncAll(tablet.replica)).toMatchObject({ result: "done" });
});
afterAll(async () => {
  tablet?.close();
  way.closeAllConnections();
  way.close();
  await server?.remove();
});

/** The tablet mints its own ids, so references are made anew. */
const write = async (entries: readonly Entry[]): Promise<void> => {
  const minted = new Map<string, string>();
  for (const { id, kind, body, author, occurredAt, ref } of entries) {
    const written = await tablet.replica.write({
      recordId,
      kind,
      body,
      author,
      occurredAt,
      ...(ref && { ref: { ...ref, id: minted.get(ref.id)! } }),
    });
    minted.set(id, written.id);
  }
};

const get = (path: string, token = screen.token) => call(server, { zone: "care", path, token });
const client = () =>
  new Client({
    baseUrl: `http://127.0.0.1:${(way.address() as AddressInfo).port}/fhir/R4`,
  });

describe("FHIR on the care zone", () => {
  it("gives a document in which every planted value is found", async () => {
    const { status, text } = await get(`/fhir/R4/Composition/${recordId}/$document`);
    expect(status).toBe(200);
    const bundle = parseKeepingDigits(text);
    expect(planted.length).toBeGreaterThan(10);
    expect(planted.filter((one) => !isFound(bundle, one))).toEqual([]);
  });

  it("is read by an ordinary FHIR client", async () => {
    const capability = (await client().capabilityStatement()) as unknown as CapabilityStatement;
    expect(capability.fhirVersion).toBe("4.0.1");
    const document = (await client().request(`Composition/${recordId}/$document`)) as unknown as Bundle;
    for (const { resource } of document.entry!) {
      const { resourceType, id, meta } = resource as Observation;
      expect(await client().read({ resourceType, id: id! }), `${resourceType}/${id}`).toEqual(resource);
      const version = await client().vread({ resourceType, id: id!, version: meta!.versionId! });
      expect(version.meta, `${resourceType}/${id}`).toEqual(meta);
    }
  });

  it("writes an access line for each read of a record, and none for metadata", async () => {
    const lines = async () => {
      const { rows } = await server.cells
        .get("northmoor")!
        .pools.crew.query("SELECT position FROM log_head WHERE log = 'access'");
      return Number(rows[0].position);
    };
    const before = await lines();
    await get(`/fhir/R4/Patient/${recordId}`);
    await get(`/fhir/R4/Patient/${recordId}/_history`);
    await get(`/records/v1/${recordId}/page.pdf`);
    await get("/fhir/R4/metadata");
    expect((await lines()) - before).toBe(3);
  });

  it("is closed to other sites, other zones and nobody", async () => {
    expect((await get(`/fhir/R4/Patient/${recordId}`, elsewhere.token)).status).toBe(404);
    expect((await get(`/fhir/R4/Bundle/${recordId}`, elsewhere.token)).status).toBe(404);
    expect((await get(`/records/v1/${recordId}/page.pdf`, elsewhere.token)).status).toBe(404);
    const nobody = await call(server, { zone: "care", path: `/fhir/R4/Patient/${recordId}` });
    expect([nobody.status, nobody.json().resourceType]).toEqual([401, "OperationOutcome"]);
    expect((await call(server, { zone: "care", path: `/records/v1/${recordId}/page.pdf` })).status).toBe(401);
    expect(
      (await call(server, { zone: "crew", path: `/fhir/R4/Patient/${recordId}`, token: screen.token })).status,
    ).toBe(404);
  });

  it("prints the page", async () => {
    const { status, headers, text } = await get(`/records/v1/${recordId}/page.pdf`);
    expect([status, headers["content-type"]]).toEqual([200, "application/pdf"]);
    expect(text.startsWith("%PDF-")).toBe(true);
  });
});

describeUkCore("what the care zone answers", () => {
  it("validates against UK Core", async () => {
    const { text } = await get(`/fhir/R4/Bundle/${recordId}`);
    expect(findingsIn(JSON.parse(text))).toEqual([]);
  });
});
