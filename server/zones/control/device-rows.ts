import type pg from "pg";
import type { DeviceRow } from "#protocol/control/devices.ts";
import { deviceSubject } from "../../identity/subjects.ts";
import type { ControlLog } from "../../logs/control-log.ts";

interface Heartbeat {
  device_id: string;
  beat: Date;
  lacks: number;
}

/** Every device of the trust, with what its last heartbeat said. `pool`: of the control zone's role. */
export const readDevices = async (log: ControlLog, pool: pg.Pool): Promise<DeviceRow[]> => {
  const text = "SELECT device_id, beat, lacks FROM device_heartbeat";
  const [devices, { rows }] = await Promise.all([
    log.all("device"),
    pool.query<Heartbeat>({ name: "heartbeats", text }),
  ]);
  const beats = new Map(rows.map((row) => [row.device_id, row]));
  return devices.map(({ id, position, changed, state }) => {
    const { publicKey: _publicKey, siteId, ...device } = deviceSubject.parse(state);
    const beat = beats.get(id);
    return {
      deviceId: id,
      ...device,
      ...(siteId !== undefined && { siteId }),
      changed: changed.toISOString(),
      position,
      ...(beat && { heard: beat.beat.toISOString(), lacks: beat.lacks }),
    };
  });
};

export const deviceColumns = {
  name: (row: DeviceRow) => row.name,
  zone: (row: DeviceRow) => row.zone,
  siteId: (row: DeviceRow) => row.siteId,
  state: (row: DeviceRow) => row.state,
  changed: (row: DeviceRow) => row.changed,
  heard: (row: DeviceRow) => row.heard,
  lacks: (row: DeviceRow) => row.lacks ?? 0,
};
