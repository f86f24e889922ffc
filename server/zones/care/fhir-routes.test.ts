import Fastify, { type FastifyInstance } from "fastify";
import { Client } from "fhir-kit-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bundle, CapabilityStatement, Observation, OperationOutcome } from "#sharing/fhir/r4.ts";
import { logLines, sampleShift } from "#test/fhir/sample-document.ts";
import { sampleId, sampleRecordId } from "#test/sample-entries.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { fhirRoutes } from "./fhir-routes.ts";

const lines = logLines(sampleShift());
const entryOf = (kind: string) => lines.find(({ entry }) => entry.kind === kind)!.entry;
const obs = entryOf("observations");
const ecg = entryOf("ecg");
const read: string[] = [];
let app: FastifyInstance;
let base: string;

beforeAll(async () => {
  app = Fastify();
  fhirRoutes(app, {
    access: async (request) => {
      if (request.headers.authorization !== "DPoP demo")
        throw new ProblemError(401, "sign-in", "This device is not signed in here.", "Enrol it.");
      return {
        trust: { id: "northmoor", name: "Northmoor Ambulance Service" },
        standby: undefined,
        origin: base,
        recordOf: async (id) => (lines.some(({ entry }) => entry.id === id) ? sampleRecordId : null),
        read: async (recordId, action) => {
          read.push(`${action} ${recordId}`);
          return recordId === sampleRecordId ? lines : null;
        },
        blob: async (_recordId, sha256) => (sha256 === "ab".repeat(32) ? Buffer.from("the samples") : null),
      };
    },
  });
  base = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => app.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${base}/fhir/R4/${path}`, { headers: { authorization: "DPoP demo", ...headers } });

describe("a FHIR client", () => {
  const client = () => new Client({ baseUrl: `${base}/fhir/R4`, customHeaders: { authorization: "DPoP demo" } });

  it("learns what is served, and reads by id, by version and the history", async () => {
    const capability = (await client().capabilityStatement()) as unknown as CapabilityStatement;
    expect(capability.rest?.[0]?.resource?.map(({ type }) => type)).toContain("MedicationAdministration");
    const id = `${obs.id}-spo2`;
    const now = (await client().read({ resourceType: "Observation", id })) as unknown as Observation;
    expect([now.status, now.valueQuantity?.value]).toEqual(["amended", 91]);
    const first = (await client().vread({ resourceType: "Observation", id, version: "106" })) as unknown as Observation;
    expect([first.status, first.valueQuantity?.value]).toEqual(["final", 97]);
    const history = (await client().history({ resourceType: "Observation", id })) as unknown as Bundle;
    expect(history.entry?.map(({ resource }) => resource?.meta?.versionId)).toEqual(["107", "106"]);
  });

  it("reads every resource of the document by itself", async () => {
    const document = (await client().request(`Composition/${sampleRecordId}/$document`)) as unknown as Bundle;
    expect(document.entry!.length).toBeGreaterThan(20);
    for (const { resource } of document.entry!) {
      const { resourceType, id } = resource as { resourceType: string; id: string };
      const alone = await client().read({ resourceType, id });
      expect(alone, `${resourceType}/${id}`).toEqual(resource);
    }
  });
});

describe("the wire", () => {
  it("keeps the digits of a number, and says which version it is", async () => {
    const response = await get(`Observation/${obs.id}-temperature`);
    expect(response.headers.get("content-type")).toBe("application/fhir+json; charset=utf-8");
    expect(response.headers.get("etag")).toBe('W/"107"');
    expect(response.headers.get("last-modified")).toBe("Thu, 15 Jan 2026 11:00:06 GMT");
    expect(await response.text()).toContain('"value":36.0');
    expect((await get(`Observation/${obs.id}-temperature`, { "if-none-match": 'W/"107"' })).status).toBe(304);
    expect((await get(`Observation/${obs.id}-temperature`, { "if-none-match": 'W/"106"' })).status).toBe(200);
  });

  it("gives a file as its bytes, or as a Binary", async () => {
    const bytes = await get(`Binary/${ecg.id}-file1`, { accept: "*/*" });
    expect(await bytes.text()).toBe("the samples");
    expect(bytes.headers.get("content-type")).toBe("application/vnd.holdfast.ecg");
    expect(bytes.headers.get("content-security-policy")).toBe("sandbox");
    const binary = await (await get(`Binary/${ecg.id}-file1`, { accept: "application/fhir+json" })).json();
    expect(Buffer.from(binary.data, "base64").toString()).toBe("the samples");
  });

  it("asks for an access line at each read", async () => {
    read.length = 0;
    await get(`Patient/${sampleRecordId}`);
    await get(`Binary/${ecg.id}-file1`);
    expect(read).toEqual([`fhir-read ${sampleRecordId}`, `fhir-read ${sampleRecordId}`]);
  });
});

it.each<[string, number, string, string, RequestInit]>([
  ["an unknown id", 404, "not-found", `Patient/${sampleId(1234)}`, {}],
  ["an id of another type", 404, "not-found", `Patient/${obs.id}`, {}],
  ["a part that was not measured", 404, "not-found", `Observation/${obs.id}-etco2`, {}],
  ["an id that begins with no UUID", 404, "not-found", "Patient/42", {}],
  ["an id that is none", 400, "invalid", "Patient/a%20b", {}],
  ["a version that never was", 404, "not-found", `Patient/${sampleRecordId}/_history/9`, {}],
  ["a version that is no number", 404, "not-found", `Patient/${sampleRecordId}/_history/x`, {}],
  ["a type that is not served", 404, "not-found", `Claim/${sampleRecordId}`, {}],
  ["a search", 404, "not-found", "Patient?name=x", {}],
  ["a file that is not here", 404, "not-found", `Binary/${ecg.id}-file2`, {}],
  [
    "XML",
    406,
    "not-supported",
    `Patient/${sampleRecordId}`,
    { headers: { authorization: "DPoP demo", accept: "application/fhir+xml" } },
  ],
  ["nobody", 401, "login", `Patient/${sampleRecordId}`, { headers: {} }],
  ["a wrong token", 401, "login", `Composition/${sampleRecordId}/$document`, { headers: { authorization: "DPoP x" } }],
  ["a write", 405, "not-supported", `Patient/${sampleRecordId}`, { method: "DELETE" }],
])("answers %s with %i and an OperationOutcome: %s", async (_what, status, code, path, init) => {
  const response = await fetch(`${base}/fhir/R4/${path}`, { headers: { authorization: "DPoP demo" }, ...init });
  const body = (await response.json()) as OperationOutcome;
  expect([response.status, body.resourceType, body.issue[0]?.code]).toEqual([status, "OperationOutcome", code]);
  expect(response.headers.get("content-type")).toContain("application/fhir+json");
});
