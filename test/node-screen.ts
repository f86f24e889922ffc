import { enrolNodeDevice, type NodeDevice } from "#demo/node-client.ts";
import type { demonstrationCells } from "#demo/shift.ts";
import { thumbprintOf } from "#server/identity/dpop.ts";
import type { TestServer } from "./boot.ts";

type DemonstrationCell = ReturnType<typeof demonstrationCells>[number];

/** A hospital's screen in Node with a doctor signed in on it. */
export const enrolNodeScreen = async (server: TestServer, { trust, care }: DemonstrationCell): Promise<NodeDevice> => {
  const screen = await enrolNodeDevice(care);
  const { deviceId, site } = screen.enrolment;
  const person = {
    userId: "test-doctor",
    name: "Testcase Doctor",
    roles: ["hospital-doctor" as const],
    strength: "passkey" as const,
  };
  screen.signedIn(
    await server.cells.get(trust)!.sessions.open({
      person,
      deviceId,
      zone: "care",
      siteId: site?.siteId,
      keyThumbprint: thumbprintOf(screen.publicKey),
    }),
  );
  return screen;
};
