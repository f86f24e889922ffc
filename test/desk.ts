import type { Role } from "#defence/access/words.ts";
import { thumbprintOf } from "#server/identity/dpop.ts";
import type { RunningServer } from "#server/main.ts";
import { bindToken, type CallTo, call } from "./boot.ts";
import { enrolTestDevice, type TestDevice } from "./devices.ts";

export interface TestDesk {
  device: TestDevice;
  sessionId: string;
  get(path: string, headers?: Record<string, string>): ReturnType<typeof call>;
  post(path: string, body: object, headers?: Record<string, string>): ReturnType<typeof call>;
}

/** A desk with a person of the demonstration signed in on it, just now and with two factors. */
export const openTestDesk = async (
  server: Pick<RunningServer, "cells"> & CallTo,
  userId: string,
  roles: Role[],
  trust = "northmoor",
): Promise<TestDesk> => {
  const device = await enrolTestDevice(server, "control", "DEMO-DESK-1", trust);
  const { accessToken: token, sessionId } = await server.cells.get(trust)!.sessions.open({
    person: { userId, name: userId, roles, strength: "passkey" },
    deviceId: device.deviceId,
    zone: "control",
    keyThumbprint: thumbprintOf(device.publicKey),
  });
  bindToken({ ...device, token });
  const to = { zone: "control", trust, token } as const;
  return {
    device,
    sessionId,
    get: (path, headers = {}) => call(server, { ...to, path: `/control/v1/${path}`, headers }),
    post: (path, body, headers = {}) => call(server, { ...to, path: `/control/v1/${path}`, body, headers }),
  };
};
