import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionTokens } from "#protocol/session.ts";
import { initArchive } from "#server/archive/init.ts";
import { thumbprintOf } from "#server/identity/dpop.ts";
import type { SessionStart } from "#server/identity/sessions.ts";
import { startEmbedded } from "#server/postgres/embedded.ts";
import { trusts } from "#server/trusts.ts";
import { startProcess } from "../tools/commands/own-process.ts";
import { inParallel, type LoadClient, loadClient } from "./load.ts";
import type { Order } from "./serve-child.ts";
import { enrolBody, type LoadDevice, newDevice, withEnrolment } from "./workload.ts";

/** A PostgreSQL of this process and a server in a child on it, so that raw limits run on the very same cluster. */
export interface Rig {
  /** Connection string of the cluster's superuser. */
  adminUrl: string;
  ports: { app: number; crew: number; care: number };
  /** Process id of the server, for its memory. */
  serverPid: number;
  /** Enrolled tablets, each with a key and a token. */
  devices: LoadDevice[];
  /** A hospital's screen at Southgate ED, with nobody signed in: a wall board. */
  screen: LoadDevice;
  /** The server's HOLDFAST_DATA. */
  dataDirectory: string;
  /** Where the letterbox keeps its segments, in an archived rig. */
  segments: string;
  /** Further screens of the same site. */
  enrolScreens(screens: number): Promise<LoadDevice[]>;
  /** Switches the server's access log on or off; it is on at first. */
  logging(isOn: boolean): Promise<void>;
  /** The screen with a doctor signed in for the next ten minutes. */
  withDoctor(screen: LoadDevice): Promise<LoadDevice>;
  crew(connections: number): LoadClient;
  care(connections: number): LoadClient;
  close(): Promise<void>;
}

const trust = "northmoor";
export const hosts = { crew: `crew.${trust}.localhost`, care: `care.${trust}.localhost` };

/** Boots PostgreSQL and the server on an empty temporary folder, and enrols that many tablets; `archived`: with a letterbox beside them. */
export const openRig = async (tablets: number, { archived = false } = {}): Promise<Rig> => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  // PostgreSQL runs as a user of its own, who must be able to reach its data.
  chmodSync(folder, 0o755);
  const postgres = await startEmbedded(join(folder, "postgres"), join(folder, "admin-password"));
  // A bench that fails in the midst leaves no database behind.
  const killPostgres = () => process.kill(postgres.pid, "SIGQUIT");
  process.once("exit", killPostgres);
  const letterbox = archived ? await startLetterbox(folder) : undefined;
  const { child, ports } = await startServerChild(join(folder, "data"), postgres.url, letterbox?.settings);
  const killServer = () => child.kill("SIGKILL");
  process.once("exit", killServer);
  const order = async (what: Order): Promise<unknown> => {
    const heard = once(child, "message");
    child.send(what);
    return (await heard)[0];
  };
  const rig: Rig = {
    adminUrl: postgres.url,
    ports,
    serverPid: child.pid!,
    devices: [],
    screen: newDevice(),
    dataDirectory: join(folder, "data"),
    segments: join(folder, "letterbox", "segments"),
    enrolScreens: async (screens) => {
      const care = rig.care(8);
      const made: LoadDevice[] = [];
      const jobs = Array.from({ length: screens }, () => async () => {
        made.push(await enrolled(care, newDevice(), "DEMO-SCREEN-SOUTHGATE"));
      });
      await inParallel(jobs, 8);
      care.close();
      return made;
    },
    logging: async (isOn) => {
      await order({ logging: isOn });
    },
    withDoctor: async (screen) => {
      const { deviceId, publicKey } = screen;
      const signIn: SessionStart = {
        person: { userId: "bench-doctor", name: "Bench Doctor", roles: ["hospital-doctor"], strength: "passkey" },
        deviceId,
        zone: "care",
        siteId: "southgate-ed",
        keyThumbprint: thumbprintOf(publicKey),
      };
      const { accessToken } = (await order({ trust, signIn })) as SessionTokens;
      return { ...screen, token: accessToken };
    },
    crew: (connections) => loadClient(ports.crew, hosts.crew, connections),
    care: (connections) => loadClient(ports.care, hosts.care, connections),
    close: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      await letterbox?.close();
      await postgres.stop();
      process.off("exit", killServer).off("exit", killPostgres);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    const [crew, care] = [rig.crew(8), rig.care(1)];
    rig.screen = await enrolled(care, newDevice(), "DEMO-SCREEN-SOUTHGATE");
    const jobs = Array.from({ length: tablets }, (_, i) => async () => {
      rig.devices.push(await enrolled(crew, newDevice(), `DEMO-TABLET-${(i % 9) + 1}`));
    });
    await inParallel(jobs, 8);
    crew.close();
    care.close();
    return rig;
  } catch (error) {
    await rig.close();
    throw error;
  }
};

/** Runs work on a rig and takes it down, whatever happens. */
export const withRig = async <T>(
  tablets: number,
  work: (rig: Rig) => Promise<T>,
  how?: { archived: boolean },
): Promise<T> => {
  const rig = await openRig(tablets, how);
  try {
    return await work(rig);
  } finally {
    await rig.close();
  }
};

const enrolled = async (client: LoadClient, device: LoadDevice, code: string): Promise<LoadDevice> => {
  const answer = await client.post("/identity/v1/enrol", enrolBody(device, code));
  if (answer.status !== 200) throw new Error(`enrolment answered ${answer.status}: ${answer.body}`);
  return withEnrolment(device, answer.body);
};

/** `HOLDFAST_BENCH_NODE_OPTIONS` goes to the server alone, such as `--cpu-prof --cpu-prof-dir=/tmp`. */
const startServerChild = (data: string, databaseUrl: string, settings: Record<string, string> = {}) =>
  new Promise<{ child: ChildProcess; ports: Rig["ports"] }>((resolve, reject) => {
    const script = fileURLToPath(new URL("serve-child.ts", import.meta.url));
    const options = process.env.HOLDFAST_BENCH_NODE_OPTIONS?.split(" ").filter(Boolean) ?? [];
    const child = spawn(process.execPath, [...options, script], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        HOLDFAST_DATA: data,
        HOLDFAST_APP_PORT: "0",
        HOLDFAST_CREW_PORT: "0",
        HOLDFAST_CARE_PORT: "0",
        HOLDFAST_CONTROL_PORT: "0",
        HOLDFAST_DEMO: "0",
        HOLDFAST_DEMO_PEOPLE: "1",
        HOLDFAST_REQUESTS_PER_MINUTE: "10000000",
        ...settings,
      },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.once("message", (ports) => resolve({ child, ports: ports as Rig["ports"] }));
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });

/** A letterbox in a process of its own, and the archive's keys where it and the server look for them. */
const startLetterbox = async (folder: string) => {
  const at = (name: string): string => join(folder, name);
  const places = { base: at("data"), letterbox: at("letterbox"), standby: at("standby"), officers: at("officers") };
  await initArchive(
    places,
    trusts.map((each) => each.trust),
  );
  const verb = ["letterbox", "--data", places.letterbox, "--port", "0"];
  const { said, close } = await startProcess<{ port: number }>(verb);
  return { settings: { HOLDFAST_LETTERBOX: `http://127.0.0.1:${said.port}` }, close };
};

export const progress = (text: string): void => {
  process.stderr.write(`bench: ${text}\n`);
};
