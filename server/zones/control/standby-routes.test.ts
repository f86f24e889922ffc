import { beforeAll, expect, test } from "vitest";
import type { Page } from "#protocol/control/page.ts";
import type { StandbyResponse, UnableRow } from "#protocol/control/standby.ts";
import { givePasskey } from "#test/authenticator.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import { useServer } from "#test/set-up.ts";

const server = useServer({ settings: { HOLDFAST_STANDBY: "standby.localhost:7411,7412,7413" } });
let continuity: TestDesk;
beforeAll(async () => {
  continuity = await openTestDesk(server, "n-lowe", ["continuity"]);
});

const read = async () => (await continuity.get("standby")).json<StandbyResponse>();
const unable = async (words: string) =>
  (await continuity.get(`standby/people?find=${words}`)).json<Page<UnableRow>>().rows;

test("crews sign in at a standby by PIN, others by passkey, and who has none is named", async () => {
  const before = await read();
  expect(before.isSet).toBe(true);
  const [tablet, hospital, desk] = before.apps;
  // Everybody of the demonstration's crews has a PIN, and nobody else a passkey.
  expect(tablet).toMatchObject({ app: "tablet", able: tablet!.people });
  expect(tablet!.people).toBeGreaterThan(3);
  expect(hospital).toMatchObject({ app: "hospital", able: 0 });
  expect(desk).toMatchObject({ app: "desk", able: 0 });
  expect(await unable("Okafor")).toEqual([]);
  expect(await unable("Nowak")).toMatchObject([{ userId: "s-nowak", apps: ["hospital"] }]);

  await givePasskey(server, "s-nowak");
  expect((await read()).apps[1]).toMatchObject({ app: "hospital", able: 1, people: hospital!.people });
  expect(await unable("Nowak")).toEqual([]);
});

test("it is nobody's business who works with patients alone", async () => {
  const records = await openTestDesk(server, "n-field", ["records"]);
  expect((await records.get("standby")).status).toBe(403);
  expect((await records.get("standby/people")).status).toBe(403);
});
