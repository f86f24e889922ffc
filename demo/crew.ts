import type { Author } from "#domain/entry/entry.ts";
import type { BodyOf } from "#domain/kinds.ts";
import { ecgMime, encodeEcg } from "#monitoring/ecg-file.ts";
import type { Clock } from "#sync/ports.ts";
import { generateEcg } from "./ecg-generator.ts";
import { blobRefOf, type NodeDevice, nodeRandom, syncAll } from "./node-client.ts";
import { inventCrew, inventedNurse, inventPerson, shiftRecordId } from "./people.ts";
import type { RosteredCrew } from "./roster.ts";
import { type Site, type Step, type Story, stepsOf } from "./story.ts";

/** A call that a crew is on. */
export interface CurrentCall {
  story: Story;
  recordId: string;
  callAtMs: number;
  steps: Step[];
  /** How many of the steps are written. */
  written: number;
  handedOver: boolean;
}

export interface CrewParts {
  rostered: RosteredCrew;
  device: NodeDevice;
  site: Site;
  clock: Clock;
  random: () => number;
  /** Length of a story's minute. */
  minuteMs: number;
  nextStory: () => Story;
  /** A number no other patient of this shift has. */
  nextSerial: () => number;
  /** Calls that this crew takes before its shift ends. */
  callsMax: number;
}

/** One crew that writes its calls as a tablet does: into its own replica, which pushes and pulls. */
export interface DemoCrew {
  /** Null between two calls. */
  current(): CurrentCall | null;
  /** Writes all that is due by the clock and syncs. Rejects only when the device could not save. */
  tick(): Promise<void>;
}

interface Upload {
  recordId: string;
  bytes: Uint8Array;
}

export const createDemoCrew = (parts: CrewParts): DemoCrew => {
  const { rostered, device, site, clock, random, minuteMs } = parts;
  const { replica } = device;
  const members = inventCrew(rostered.callSign);
  const author = members[0] as Author;
  const uploads: Upload[] = [];
  let calls = 0;
  let call: CurrentCall | null = null;
  let unfollow: () => void = () => {};
  let nextCallAtMs = clock.nowMs() - rostered.callMinutesAgo * minuteMs;

  const instantOf = (ms: number) => new Date(ms).toISOString();

  const takeCall = (story: Story): CurrentCall => {
    const callAtMs = nextCallAtMs;
    const serial = parts.nextSerial();
    const recordId = shiftRecordId(nodeRandom.uuid());
    calls++;
    unfollow = replica.follow(recordId);
    const steps = stepsOf(story, {
      at: (minute) => instantOf(callAtMs + minute * minuteMs),
      site,
      callSign: rostered.callSign,
      vehicle: rostered.vehicle,
      crew: members,
      cadNumber: `DEMO-${String(serial).padStart(5, "0")}`,
      person: inventPerson(serial, story.patient, clock.nowMs(), random),
      etaErrorMinutes: Math.round(random() * 8 - 3),
    });
    return { story, recordId, callAtMs, steps, written: 0, handedOver: false };
  };

  const writeEcg = async (current: CurrentCall, step: Extract<Step, { kind: "ecg" }>, occurredAt: string) => {
    const recording = generateEcg(step.attach ?? "sinus-rhythm", occurredAt, Math.floor(random() * 2 ** 32));
    const bytes = encodeEcg(recording);
    const body: BodyOf<"ecg"> = {
      ...step.body,
      leads: recording.leads.map((lead) => lead.name),
      samplesPerSecond: recording.samplesPerSecond,
      samplesPerLead: recording.samplesPerLead,
      ...(recording.source === undefined ? {} : { source: recording.source }),
    };
    const { recordId } = current;
    await replica.write({ recordId, kind: "ecg", body, author, occurredAt, blobs: [blobRefOf(bytes, ecgMime)] });
    uploads.push({ recordId, bytes });
  };

  const writeDue = async (current: CurrentCall) => {
    for (let step = current.steps[current.written]; step; step = current.steps[current.written]) {
      const dueMs = current.callAtMs + step.minute * minuteMs;
      if (dueMs > clock.nowMs()) return;
      const occurredAt = instantOf(dueMs);
      if (step.kind === "ecg") await writeEcg(current, step, occurredAt);
      else await replica.write({ recordId: current.recordId, kind: step.kind, body: step.body, author, occurredAt });
      current.written++;
    }
  };

  const accepted = async (recordId: string): Promise<boolean> =>
    (await replica.entries(recordId)).some((held) => (JSON.parse(held.text) as { kind: string }).kind === "acceptance");

  /** The crew leaves when the hospital has accepted, or at last with the name of whoever took the patient. */
  const handOver = async (current: CurrentCall) => {
    const { recordId, story, callAtMs } = current;
    const nowMs = clock.nowMs();
    if (nowMs < callAtMs + story.atHospital * minuteMs) return;
    const taken = await accepted(recordId);
    if (!taken && nowMs < callAtMs + story.handedOver * minuteMs) return;
    current.handedOver = true;
    const occurredAt = instantOf(nowMs);
    const write = (kind: string, body: Record<string, unknown>) =>
      replica.write({ recordId, kind, body, author, occurredAt });
    await write("handover", taken ? {} : { receiverName: inventedNurse.name, receiverRole: inventedNurse.role });
    await write("milestone", { milestone: "handed-over" } satisfies BodyOf<"milestone">);
    await replica.setOpen(recordId, false);
    nextCallAtMs = nowMs + (6 + Math.floor(random() * 8)) * minuteMs;
  };

  const sync = async () => {
    await syncAll(replica);
    for (let upload = uploads[0]; upload; upload = uploads[0]) {
      try {
        await device.putBlob(upload.recordId, upload.bytes, ecgMime);
      } catch {
        return; // The attachment waits; the next tick goes on from where the base stopped.
      }
      uploads.shift();
    }
  };

  return {
    current: () => call,
    tick: async () => {
      if (call === null && calls < parts.callsMax && clock.nowMs() >= nextCallAtMs)
        call = takeCall(calls === 0 ? rostered.first : parts.nextStory());
      if (call) {
        await writeDue(call);
        if (!call.handedOver) await handOver(call);
      }
      await sync();
      if (call?.handedOver && (await replica.status()).waiting === 0) {
        unfollow();
        call = null;
      }
    },
  };
};
