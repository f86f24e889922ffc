import { headStatement } from "#protocol/push.ts";
import { isArchived } from "../archived.ts";
import type { StoredLine } from "../memory-log-store.ts";
import { reachSignedHead } from "../replica/outgoing.ts";
import type { HeldEntry } from "../store.ts";
import { cheapHash, signatureOf } from "./cheap.ts";
import type { SimDevice } from "./sim-device.ts";
import type { SimServer } from "./sim-server.ts";
import { isPoison, type World } from "./world.ts";

/** Holds a line that has just been committed against all before it. */
export const checkNewLine = (world: World, lines: readonly StoredLine[], index: number): void => {
  const line = lines[index]!;
  if (line.position !== index + 1) world.violation("S14", `position ${line.position} at place ${index + 1}`);
  if (cheapHash(line.text) !== line.hash) world.violation("S10", "a line's hash is not that of its bytes");
  const { entry } = line;
  if (!entry) return;
  world.everCommitted.add(line.hash);
  for (let i = 0; i < index; i++) {
    const before = lines[i]!;
    if (!before.entry) continue;
    if (before.entry.id === entry.id) world.violation("S15", "two accepted lines of one id");
    if (before.recordId !== line.recordId || before.deviceId !== line.deviceId) continue;
    if (before.entry.n === entry.n) world.violation("S15", "two accepted lines at one place of a chain");
    const brokenBefore = before.entry.n === entry.n - 1 && entry.prev !== before.hash;
    const brokenAfter = before.entry.n === entry.n + 1 && before.entry.prev !== line.hash;
    if (brokenBefore || brokenAfter) world.violation("S15", "an accepted line does not name its predecessor");
  }
};

/** What must hold of a device's disk at every moment, whatever has happened. */
export const checkDevice = (world: World, device: SimDevice, base: SimServer): void => {
  const { disk, saved, damaged } = device;
  for (const [id, text] of saved) {
    if (disk.entries.get(id)?.text !== text && !damaged.has(id))
      world.violation("S01", "a saved entry is not on the disk");
  }
  for (const entry of disk.entries.values()) {
    const { state, hash, text, id } = entry;
    if (state.at === "acknowledged" && !world.everCommitted.has(hash)) {
      world.violation("S03", "marked acknowledged, and was never committed");
    }
    if (isArchived(state, disk.server) && !world.everArchived.has(hash)) {
      world.violation("S20", "told as archived, and is in no segment");
    }
    if (!damaged.has(id) && cheapHash(text) !== hash) world.violation("S10", "changed bytes were stored");
  }
  const epoch = disk.server?.epoch ?? 0;
  if (epoch < device.highestEpoch) world.violation("S11", "went back to a lower epoch");
  device.highestEpoch = epoch;
  if (disk.server?.incarnation !== base.incarnation) return;
  for (const { recordId, cursor } of disk.records.values()) {
    for (const line of base.disk.lines.slice(0, cursor.position)) {
      if (line.recordId !== recordId || !line.entry) continue;
      const held = disk.entries.get(line.entry.id);
      if (held?.hash !== line.hash) world.violation("S05", "the cursor passed an entry that is not stored");
    }
  }
};

/** What of a quiet world is still not as it should be; empty when everything has arrived everywhere. */
export const unsettled = (devices: readonly SimDevice[], base: SimServer): string[] => {
  const open: string[] = [];
  const committed = new Map(base.disk.lines.filter((l) => l.entry).map((l) => [l.hash, l]));
  const kept = new Set(base.disk.lines.filter((l) => !l.entry).map((l) => l.hash));
  const honest = new Set(devices.map((d) => d.deviceId));
  const lost = new Set(devices.filter((d) => d.lost).map((d) => d.deviceId));
  for (const [i, device] of devices.entries()) {
    const { disk, damaged } = device;
    if (device.lost) continue;
    for (const entry of disk.entries.values()) {
      if (!lost.has(entry.deviceId) || committed.has(entry.hash) || !canCarry(device, entry)) continue;
      open.push(`device ${i}: n ${entry.n} of a lost device is ${entry.state.at}, and not at the base`);
    }
    for (const entry of disk.entries.values()) {
      if (damaged.has(entry.id) || entry.deviceId !== device.deviceId) continue;
      if (isPoison(entry)) {
        if (!kept.has(entry.hash)) open.push(`device ${i}: poison n ${entry.n} is not kept at the base`);
        if (entry.state.at !== "quarantined") open.push(`device ${i}: poison n ${entry.n} is ${entry.state.at}`);
      } else {
        if (!committed.has(entry.hash)) open.push(`device ${i}: n ${entry.n} ${entry.state.at} is not at the base`);
        if (entry.state.at !== "acknowledged") open.push(`device ${i}: n ${entry.n} is ${entry.state.at}`);
      }
    }
    for (const line of committed.values()) {
      if (!honest.has(line.deviceId) || disk.entries.get(line.entry!.id)?.hash === line.hash) continue;
      open.push(`device ${i} lacks line ${line.position}`);
    }
  }
  return open;
};

/** Whether a device holds all that is needed to bring another's entry back to the base. */
const canCarry = ({ disk, damaged }: SimDevice, entry: HeldEntry): boolean => {
  if (isPoison(entry)) return false;
  const held = [...disk.entries.values()].filter((e) => e.recordId === entry.recordId);
  const run = reachSignedHead([entry], held);
  const head = run.at(-1);
  if (!head || run.some((e) => damaged.has(e.id))) return false;
  const { deviceId, recordId, n, hash } = head;
  return signatureOf(deviceId, headStatement({ deviceId, recordId, n, hash })) === head.signature;
};
