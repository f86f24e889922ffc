import { afterAll, beforeAll, expect, test } from "vitest";
import { blobRefOf, enrolNodeDevice, type NodeDevice, syncAll } from "#demo/node-client.ts";
import { inventCrew } from "#demo/people.ts";
import { demonstrationCells } from "#demo/shift.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { type Vital, vitalUnits } from "#domain/observations/observations.ts";
import { decodeEcg, ecgMime, encodeEcg } from "#monitoring/ecg-file.ts";
import { fromWfdb } from "#monitoring/ecg-from-wfdb.ts";
import { setsFromNumerics } from "#monitoring/vitals.ts";
import { readWfdb } from "#monitoring/wfdb.ts";
import { checksum16 } from "#monitoring/wfdb-samples.ts";
import type { Observation } from "#sharing/fhir/r4.ts";
import { bootForTest, type TestServer } from "./boot.ts";
import { isFound, parseKeepingDigits } from "./fhir/find-planted.ts";
import type { Planted } from "./fhir/planted-record.ts";
import { enrolNodeScreen } from "./node-screen.ts";
import { describeReal, realFiles, realMonitorFiles } from "./real-data.ts";

const site = { siteId: "southgate-ed", name: "Southgate ED" };
const crew = inventCrew("R1");
const author = crew[0]!;

/** What the recording's own header says of every signal, read without the reader that is under test. */
const headerSays = () =>
  new TextDecoder()
    .decode(realFiles("s0010_re.hea")!)
    .split("\n")
    .filter((line) => line.startsWith("s0010_re."))
    .map((line) => line.trim().split(" "))
    .map((part) => ({ lead: part[8]!, first: Number(part[5]), checksum: Number(part[6]) }));

const blobSays = (bytes: Uint8Array) =>
  decodeEcg(bytes).leads.map((lead) => ({
    lead: lead.name.toLowerCase(),
    first: lead.samples[0],
    checksum: checksum16(lead.samples),
  }));

describeReal("real recordings, from the tablet to the hospital and to FHIR", () => {
  let server: TestServer;
  let tablet: NodeDevice;
  let screen: NodeDevice;

  beforeAll(async () => {
    server = await bootForTest();
    const cell = demonstrationCells(server.ports)[0]!;
    tablet = await enrolNodeDevice({ ...cell.crew, name: "Tablet" });
    screen = await enrolNodeScreen(server, cell);
  });
  afterAll(async () => {
    tablet?.close();
    screen?.close();
    await server?.remove();
  });

  const openRecord = async (recordId: string) => {
    const write = (kind: string, body: Record<string, unknown>) =>
      tablet.replica.write({ recordId, kind, body, author });
    await write("incident", { callSign: "R1", crew, demonstration: true });
    await write("patient", { identity: "stated", familyName: "DEMO-REAL", givenName: "Testa", ageYears: 81 });
    await write("destination", { site, outcome: "see-and-convey", eta: new Date(Date.now() + 600_000).toISOString() });
  };
  const sync = async ({ replica }: NodeDevice) => {
    expect(await syncAll(replica)).toMatchObject({ result: "done", more: false });
    expect(await replica.status()).toMatchObject({ waiting: 0, quarantined: 0 });
  };

  test("s0010_re: the infarction's samples are the header's at the tablet, base, hospital and FHIR", async () => {
    const recordId = crypto.randomUUID();
    const bytes = encodeEcg(fromWfdb(readWfdb(realFiles("s0010_re.hea")!, realFiles)));
    expect(blobSays(bytes)).toEqual(headerSays());
    await openRecord(recordId);
    const ref = blobRefOf(bytes, ecgMime);
    const body = { leads: headerSays().map(({ lead }) => lead), samplesPerSecond: 1000, samplesPerLead: 38_400 };
    const { id } = await tablet.replica.write({ recordId, kind: "ecg", body, author, blobs: [ref] });
    await sync(tablet);
    expect(await tablet.putBlob(recordId, bytes, ecgMime)).toEqual(ref);
    expect(blobSays(await tablet.getBlob(recordId, ref.sha256))).toEqual(headerSays());

    screen.replica.follow(recordId);
    await sync(screen);
    const pulled = (await screen.replica.entries(recordId)).map((held) => JSON.parse(held.text) as Entry);
    const attached = pulled.find((entry) => entry.kind === "ecg")!.blobs![0]!;
    expect(blobSays(await screen.getBlob(recordId, attached.sha256))).toEqual(headerSays());

    const document = JSON.parse(text((await screen.get(`/fhir/R4/DocumentReference/${id}-file1`)).body));
    const url = new URL(document.content[0].attachment.url);
    expect(blobSays((await screen.get(url.pathname, ecgMime)).body)).toEqual(headerSays());
    const binary = JSON.parse(text((await screen.get(url.pathname, "application/fhir+json")).body));
    expect(binary.contentType).toBe(ecgMime);
    expect(blobSays(new Uint8Array(Buffer.from(binary.data, "base64")))).toEqual(headerSays());
  });

  test("s25047: 72 minutes of a monitor are found on the board and in FHIR by value, unit, time and author", async () => {
    const recordId = crypto.randomUUID();
    const startsAtMs = Date.now() - 72 * 60_000;
    const record = (name: string) => readWfdb(realMonitorFiles(`${name}.hea`)!, realMonitorFiles);
    const numerics = record("s25047-2704-05-04-10-44n");
    const sets = setsFromNumerics(numerics, record("s25047-2704-05-04-10-44"), startsAtMs).filter(
      (set) => Object.keys(set.body).length > 0,
    );
    await openRecord(recordId);
    for (const { at, body } of sets)
      await tablet.replica.write({ recordId, kind: "observations", body, author, occurredAt: at });
    await sync(tablet);

    const row = (await screen.arrivals()).arrivals.find((arrival) => arrival.recordId === recordId)!;
    const last = sets.at(-1)!;
    expect(row.readingsAt).toBe(last.at);
    const pulse = row.readings.find((reading) => reading.at === last.at && reading.text.startsWith("72.7 "));
    expect(pulse).toBeDefined();

    const bundle = parseKeepingDigits(text((await screen.get(`/fhir/R4/Composition/${recordId}/$document`)).body));
    let found = 0;
    for (const { at, body } of sets)
      for (const [vital, reading] of Object.entries(body) as [Vital, { value: string }][]) {
        const planted: Planted = {
          what: "vital",
          at,
          value: reading.value,
          unit: vitalUnits[vital],
          author: author.name,
        };
        expect(isFound(bundle, planted), `${vital} at ${at}`).toBe(true);
        found++;
      }
    // 44 heart rates, 64 pulses, 67 respirations, 61 saturations and 18 pressures of two numbers: the gaps are not there.
    expect(found).toBe(44 + 64 + 67 + 61 + 18 * 2);
    const sent = (bundle.entry ?? []).flatMap(({ resource }) =>
      isFromMonitor(resource)
        ? [resource.valueQuantity, ...(resource.component ?? []).map((part) => part.valueQuantity)]
        : [],
    );
    expect(sent.filter((quantity) => quantity !== undefined)).toHaveLength(found);
  });
});

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const isFromMonitor = (resource: object | undefined): resource is Observation =>
  (resource as Observation | undefined)?.method?.text === "Read by a monitor";
