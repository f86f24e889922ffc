import type { KeyObject } from "node:crypto";
import { EventEmitter } from "node:events";
import type { DeviceState } from "#protocol/device.ts";
import type { PublicJwk } from "#protocol/grants.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type Actor, type ControlChange, type ControlLog, StaleSubject, type Subject } from "../logs/control-log.ts";
import type { CellZone } from "../trusts.ts";
import { keyOf } from "./device-key.ts";
import { type DeviceSubject, deviceSubject } from "./subjects.ts";

/** A device as the control log has it now. */
export interface KnownDevice {
  deviceId: string;
  /** As it was enrolled, to tell the same key from another. */
  jwk: PublicJwk;
  /** Verifies what the device signs. */
  readonly publicKey: KeyObject;
  name: string;
  zone: CellZone;
  siteId: string | undefined;
  state: DeviceState;
  /** Of its last control line. */
  position: number;
}

/**
 * The cell's devices, all in memory: every request asks for its device's state. The bus brings a change in milliseconds; should
 * it be silent, what changed is asked for every `refreshMs`.
 */
export interface Devices {
  /** From memory. Undefined for a device that was never enrolled here, or a moment ago by another process. */
  known(deviceId: string): KnownDevice | undefined;
  /** As `known`, but asks the log for one that memory does not have. */
  find(deviceId: string): Promise<KnownDevice | undefined>;
  /** Reads what changed. `anew`: forgets everything first, because what answers may be another database. */
  refresh(anew?: boolean): Promise<void>;
  /**
   * Appends the device as enrolled, with `also` in the same commit. Rejects with StaleSubject if the device, or what `also`
   * expects, has changed since it was read.
   */
  enrol(device: EnrolledDevice, also: readonly ControlChange[]): Promise<void>;
  /** Rejects with a ProblemError 409 `device-state` when there is no way from its state to that one, or it changed meanwhile. */
  setState(deviceId: string, state: DeviceState, by: Actor, reason: string): Promise<void>;
  /** Named by the device's id: memory has learned something new of it. */
  readonly changes: EventEmitter<Record<string, [KnownDevice]>>;
  close(): void;
}

export interface EnrolledDevice {
  deviceId: string;
  publicKey: PublicJwk;
  name: string;
  zone: CellZone;
  siteId: string | undefined;
}

/** A third of the minute within which a revoked device must be refused. */
const refreshMsDefault = 20_000;

export const openDevices = async (log: ControlLog, refreshMs = refreshMsDefault): Promise<Devices> => {
  const memory = new Map<string, KnownDevice>();
  const changes = new EventEmitter<Record<string, [KnownDevice]>>();
  changes.setMaxListeners(0);
  let seen = 0;
  const take = (subject: Subject): KnownDevice => {
    const device = knownDevice(subject);
    memory.set(subject.id, device);
    changes.emit(subject.id, device);
    return device;
  };
  const refresh = async (anew = false): Promise<void> => {
    if (anew) seen = 0;
    const changed = await log.changedAfter("device", seen);
    if (anew) memory.clear();
    for (const subject of changed) {
      take(subject);
      seen = Math.max(seen, subject.position);
    }
  };
  const find = async (deviceId: string): Promise<KnownDevice | undefined> => {
    const held = memory.get(deviceId);
    if (held) return held;
    const subject = await log.find("device", deviceId);
    return subject && take(subject);
  };

  await refresh();
  const timer = setInterval(() => void refresh().catch(() => {}), refreshMs);
  timer.unref();
  return {
    known: (deviceId) => memory.get(deviceId),
    find,
    refresh,
    enrol: async ({ deviceId, siteId, ...rest }, also) => {
      const state: DeviceSubject = { ...rest, ...(siteId !== undefined && { siteId }), state: "active" };
      const expected = memory.get(deviceId)?.position ?? 0;
      await log.append([{ kind: "device", id: deviceId, siteId, state, by: { deviceId }, expected }, ...also]);
      await refresh();
    },
    setState: async (deviceId, state, by, reason) => {
      const subject = await log.find("device", deviceId);
      if (subject === undefined) throw deviceProblem("There is no such device.", "Choose one of the list.");
      await log.append([stateChange(subject, state, by, reason)]).catch((error: unknown) => {
        if (!(error instanceof StaleSubject)) throw error;
        throw deviceProblem("The device was changed meanwhile.", "Look at it again, and decide again.");
      });
      await refresh();
    },
    changes,
    close: () => clearInterval(timer),
  };
};

const knownDevice = ({ id, position, state: held }: Subject): KnownDevice => {
  const { publicKey: jwk, name, zone, siteId, state } = deviceSubject.parse(held);
  let key: KeyObject | undefined;
  return {
    deviceId: id,
    jwk,
    // Made when first needed: a cell has thousands of devices, and a shift some hundred.
    get publicKey() {
      key ??= keyOf(jwk);
      return key;
    },
    name,
    zone,
    siteId,
    state,
    position,
  };
};

/**
 * What may become of a device. Stolen: whoever had it may have changed it, so it never reads again; it is retired, and what it
 * pushed may still be released. Retired is the end: the machine enrols as a new device.
 */
const ways: Readonly<Record<DeviceState, readonly DeviceState[]>> = {
  active: ["suspended", "lost", "stolen", "retired"],
  suspended: ["active", "lost", "stolen", "retired"],
  lost: ["active", "stolen", "retired"],
  stolen: ["retired"],
  retired: [],
};

/** The control line that gives a device another state. Throws a ProblemError 409 `device-state` where there is no way. */
export const stateChange = (subject: Subject, to: DeviceState, by: Actor, reason: string): ControlChange => {
  const held = deviceSubject.parse(subject.state);
  if (!ways[held.state].includes(to))
    throw deviceProblem(
      `A device that is ${held.state} cannot become ${to}.`,
      "Enrol it as a new device, with a new code.",
    );
  const { id, position } = subject;
  return { kind: "device", id, siteId: held.siteId, state: { ...held, state: to }, by, reason, expected: position };
};

const deviceProblem = (title: string, todo: string): ProblemError => new ProblemError(409, "device-state", title, todo);
