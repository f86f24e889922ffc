import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PullResponse } from "#protocol/pull.ts";
import type { PushResponse } from "#protocol/push.ts";
import { protocolVersion } from "#protocol/version.ts";
import { inParallel, loadClient } from "../../bench/load.ts";
import { signedInByGrant } from "../../bench/sign-in.ts";
import {
  enrolBody,
  type LoadDevice,
  newDevice,
  newRecord,
  nextRun,
  pushBody,
  withEnrolment,
} from "../../bench/workload.ts";

const crewHost = "crew.northmoor.localhost";

export interface ServerProcess {
  child: ChildProcess;
  ports: { crew: number; care: number };
}

/** Starts a server in a process of its own and waits until it says its ports. */
export const startServerProcess = (data: string, fsync: boolean): Promise<ServerProcess> =>
  new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL("serve-child.ts", import.meta.url));
    const child = spawn(process.execPath, [script, fsync ? "fsync=on" : "fsync=off"], {
      env: {
        ...process.env,
        HOLDFAST_DATA: data,
        HOLDFAST_APP_PORT: "0",
        HOLDFAST_CREW_PORT: "0",
        HOLDFAST_CARE_PORT: "0",
        HOLDFAST_CONTROL_PORT: "0",
        HOLDFAST_DEMO: "0",
        HOLDFAST_DEMO_PEOPLE: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const line = out.split("\n").find((text) => text.startsWith("{"));
      if (line && out.includes("\n")) resolve({ child, ports: JSON.parse(line) });
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${errors.slice(-2000)}`)));
  });

/** The generator's own book of what was acknowledged: a file on another disk than the server's. */
export interface Ledger {
  acknowledged: Map<string, string>;
  file: string;
}

export const enrolDevices = async (ports: ServerProcess["ports"], count: number): Promise<LoadDevice[]> => {
  const client = loadClient(ports.crew, crewHost, 1);
  const devices: LoadDevice[] = [];
  for (let i = 0; i < count; i++) {
    const device = newDevice();
    const answer = await client.post("/identity/v1/enrol", enrolBody(device, `DEMO-TABLET-${(i % 9) + 1}`));
    if (answer.status !== 200) throw new Error(`enrolment answered ${answer.status}: ${answer.body}`);
    devices.push(await withEnrolment(device, answer.body));
  }
  client.close();
  return devices;
};

/**
 * Devices push runs of 1 to 20 entries until `acknowledgements` more are in the ledger, then `cut` is called in the midst of
 * the load. What was not answered is not in the ledger.
 */
export const pushUntil = async (
  ports: ServerProcess["ports"],
  devices: readonly LoadDevice[],
  ledger: Ledger,
  acknowledgements: number,
  cut: () => void,
): Promise<void> => {
  const client = loadClient(ports.crew, crewHost, devices.length);
  const goal = ledger.acknowledged.size + acknowledgements;
  let isCut = false;
  const work = async (device: LoadDevice, index: number) => {
    while (!isCut) {
      const record = newRecord();
      for (let run = 0; run < 8 && !isCut; run++) {
        const body = pushBody([await nextRun(device, record, 1 + ((index * 7 + run * 5) % 20))]);
        const answer = await client.post("/sync/v1/push", body, device).catch(() => null);
        if (answer?.status !== 200) break;
        // An answer that arrived counts, also when the cut came in between: the server had promised.
        for (const { hash, answer: word } of (JSON.parse(answer.body) as PushResponse).answers)
          if (word === "accepted") {
            ledger.acknowledged.set(hash, record.recordId);
            appendFileSync(ledger.file, `${hash}\n`);
          }
        if (ledger.acknowledged.size >= goal && !isCut) {
          isCut = true;
          cut();
        }
      }
    }
  };
  await Promise.all(devices.map(work));
  client.close();
};

/** Hashes of the ledger that the server no longer holds. Every record is pulled by the device that wrote it. */
export const lostOf = async (
  ports: ServerProcess["ports"],
  devices: readonly LoadDevice[],
  ledger: Ledger,
): Promise<string[]> => {
  const client = loadClient(ports.crew, crewHost, 4);
  const held = new Set<string>();
  // A server that has lost a tablet's enrolment too lets nobody in there, and gives nothing back.
  const letIn = await Promise.all(devices.map((device) => signedInByGrant(client, device)));
  const signedIn = letIn.filter((device) => device !== null);
  const pullAll = async (device: LoadDevice, recordIds: string[]) => {
    let records = Object.fromEntries(recordIds.map((id) => [id, { epoch: 0, position: 0 }]));
    while (Object.keys(records).length > 0) {
      const answer = await client.post("/sync/v1/pull", JSON.stringify({ protocol: protocolVersion, records }), device);
      if (answer.status !== 200) throw new Error(`pull answered ${answer.status}: ${answer.body.slice(0, 300)}`);
      const pulled = (JSON.parse(answer.body) as PullResponse).records;
      const next: typeof records = {};
      for (const [id, record] of Object.entries(pulled)) {
        if ("lines" in record) {
          for (const line of record.lines) held.add(line.hash);
          if (record.more) next[id] = record.cursor;
        } else if ("rewind" in record) next[id] = record.rewind;
      }
      records = next;
    }
  };
  const recordIds = [...new Set(ledger.acknowledged.values())];
  const pages = Array.from({ length: Math.ceil(recordIds.length / 50) }, (_, i) =>
    recordIds.slice(i * 50, i * 50 + 50),
  );
  await inParallel(
    signedIn.flatMap((device) => pages.map((page) => () => pullAll(device, page))),
    4,
  );
  client.close();
  return [...ledger.acknowledged.keys()].filter((hash) => !held.has(hash));
};
