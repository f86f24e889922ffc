import { beforeAll, expect, test } from "vitest";
import type { SettingRow } from "#protocol/control/settings.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import { controlLogOf } from "#test/devices.ts";
import { useServer } from "#test/set-up.ts";

const server = useServer();
let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk(server, "n-voss", ["configuration"]);
});
const stateOf = async () => (await controlLogOf(server).find("setting", "provider"))?.state;
const rowOf = async (field: string): Promise<SettingRow> =>
  (await desk.get("settings")).json().settings.find(({ id }: SettingRow) => id === `provider.${field}`);
const set = async (field: string, value: string) => {
  const { position } = await rowOf(field);
  return desk.post(`settings/provider.${field}`, { value, reason: "The provider's letter", expected: position });
};

test("the provider's secret is kept sealed, shown to nobody and taken away again", async () => {
  const secret = "s3cret-of-the-provider";
  expect((await rowOf("clientSecret")).value).toBe("");
  expect((await set("clientSecret", secret)).status).toBe(200);
  expect((await stateOf())?.clientSecret).toBe(secret);
  const told = [await desk.get("settings"), await desk.get("settings/provider.clientSecret/history")];
  for (const { text } of told) expect(text).not.toContain(secret);
  expect((await rowOf("clientSecret")).value).toBe("set");
  expect(told[1]!.json().lines[0].fields).toEqual([{ field: "clientSecret", after: "set" }]);
  await set("clientSecret", "");
  expect(await stateOf()).not.toHaveProperty("clientSecret");
  expect((await rowOf("clientSecret")).value).toBe("");
});

test("what counts as two factors is a list, and one factor by itself is never in it", async () => {
  expect((await rowOf("amrValues")).value).toBe("mfa");
  expect((await set("amrValues", " mfa  hardware-key-and-pin ")).status).toBe(200);
  expect((await stateOf())?.amrValues).toEqual(["mfa", "hardware-key-and-pin"]);
  expect((await rowOf("amrValues")).value).toBe("mfa hardware-key-and-pin");
  for (const [field, value] of [
    ["amrValues", "mfa pwd"],
    ["amrValues", "sms"],
    ["acrValues", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"],
    ["acrValues", "0"],
  ] as const)
    expect((await set(field, value)).json().code).toBe("bad-setting");
  expect((await set("acrValues", "AAL3_ANY AAL2_ANY")).status).toBe(200);
  expect((await stateOf())?.acrValues).toEqual(["AAL3_ANY", "AAL2_ANY"]);
  expect((await rowOf("acrValues")).changed).toBeDefined();
});
