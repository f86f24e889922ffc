import { hash } from "node:crypto";
import type { ZoneRoute } from "#server/main.ts";
import { uuid7 } from "../bench/workload.ts";
import type { TestAnswer, TestCall, TestServer } from "./boot.ts";
import {
  destination,
  enrolTestDevice,
  incident,
  note,
  push,
  runOf,
  sendChunk,
  southgate,
  type TestDevice,
  testChain,
} from "./devices.ts";

/** In everything that a planted record says of its patient, and nowhere else. */
export const marker = "DEMO-MARKER-QUILLON";

const born = "1949-05-06";

/** A record of Northmoor that goes to Southgate, with an attachment, and the tablet whose crew wrote it. */
export interface PlantedRecord {
  tablet: TestDevice;
  recordId: string;
  sha256: string;
}

export const plantRecord = async (server: TestServer): Promise<PlantedRecord> => {
  const tablet = await enrolTestDevice(server, "crew");
  const chain = testChain();
  const patient = {
    kind: "patient",
    body: { identity: "stated", familyName: marker, birthDate: { is: born }, givenName: "Testcase" },
  };
  const prealert = { kind: "prealert", body: { site: southgate, concern: "Chest pain" } };
  const parts = [incident, patient, note(marker), destination(southgate), prealert];
  await push(server, tablet, await runOf(tablet, chain, ...parts));
  const bytes = Buffer.from(marker);
  const sha256 = hash("sha256", bytes);
  const { recordId } = chain;
  const sent = await sendChunk(server, tablet, recordId, bytes);
  if (sent.status !== 204) throw new Error(`the attachment was answered ${sent.status}: ${sent.text}`);
  return { tablet, recordId, sha256 };
};

/** The request that asks a route for the planted record; what no record is asked of gets a body that says nothing. */
export const probeOf = ({ zone, method, url }: ZoneRoute, { recordId, sha256 }: PlantedRecord): TestCall => {
  const path = url
    .replace(":type/:id/_history/:vid", `Patient/${recordId}/_history/2`)
    .replace(":type/:id", `Patient/${recordId}`)
    .replace(":recordId", recordId)
    .replace(":sha256", sha256)
    .replace("/R4/Composition/:id", `/R4/Composition/${recordId}`)
    .replace("/R4/Bundle/:id", `/R4/Bundle/${recordId}`)
    .replace(/:\w+/g, uuid7())
    .replace("*", "index.html");
  const hasBody = ["POST", "PUT", "PATCH", "DELETE"].includes(method);
  const asksRecord = url === "/sync/v1/pull" && { records: { [recordId]: { epoch: 0, position: 0 } } };
  const looksUp = url === "/sync/v1/find" && { by: { familyName: marker, birthDate: born } };
  return { zone, method, path, ...(hasBody && { body: { protocol: 1, ...asksRecord, ...looksUp } }) };
};

/** Whether an answer holds anything of the planted patient, or is the printed page, whose text is compressed. */
export const showsPatient = ({ status, text, headers }: TestAnswer): boolean =>
  status < 300 && (text.includes(marker) || (text !== "" && headers["content-type"] === "application/pdf"));
