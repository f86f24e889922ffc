import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { describe, it } from "vitest";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { enrolTablet, newRecord, signIn, startShift, timeline, untilInstalled, writeNote } from "./tablet-steps.ts";

const server = useServer();
const { folder, open } = useBrowsers("revoked", "after-each");

const cell = () => server.cells.get("northmoor")!;
/** The tablet that was enrolled last. */
const newestTablet = async (): Promise<string> => {
  const devices = (await cell().identityLog.all("device")).filter(({ state }) => state.zone === "crew");
  return devices.toSorted((a, b) => b.position - a.position)[0]!.id;
};
const stateOf = (deviceId: string) => cell().devices.known(deviceId)?.state;
const aboutTablet = async (page: Page) => {
  await page.getByRole("button", { name: /^Menu/ }).click();
  return page.getByRole("dialog");
};
/** A heartbeat comes within a quarter of a minute after the base was reached. */

describe("a tablet that the desk has revoked", () => {
  it("keeps its crew writing, shows that their entries wait, and is itself again once the desk sets it right", async () => {
    const { page } = await open("lost");
    await enrolTablet(page, server.addresses.tablet);
    const deviceId = await newestTablet();
    await signIn(page);
    await startShift(page);
    await newRecord(page);
    await writeNote(page, "Testcase: before the call to the desk");
    await expect(page.getByText(/waiting/)).toHaveCount(0);

    await cell().devices.setState(deviceId, "lost", { userId: "desk" }, "left at a scene");
    await writeNote(page, "Testcase: after it");
    await expect(timeline(page)).toContainText("Waits at the trust's desk");
    await expect.poll(() => cell().heldBack.waiting(deviceId)).toBe(1);
    const about = await aboutTablet(page);
    await expect(about).toContainText("1 entry from this tablet wait");
    await page.keyboard.press("Escape");

    await cell().devices.setState(deviceId, "active", { userId: "desk" }, "it was in the other bag");
    await expect(timeline(page)).not.toContainText("Waits at the trust's desk");
    await expect.poll(() => cell().heldBack.waiting(deviceId)).toBe(0);
  });
});

describe("a copied browser profile", () => {
  it("is found when both copies have sent their heartbeat, and the device is suspended", async () => {
    const { context, page } = await open("original");
    await enrolTablet(page, server.addresses.tablet);
    await untilInstalled(page);
    const deviceId = await newestTablet();
    await context.close();
    cpSync(join(folder, "original"), join(folder, "copy"), { recursive: true });

    for (const name of ["original", "copy"]) {
      const { page } = await open(name);
      await page.goto(server.addresses.tablet);
      await signIn(page);
    }
    await expect.poll(() => stateOf(deviceId)).toBe("suspended");
    const [last] = (await cell().identityLog.history("device", deviceId)).slice(-1);
    expect(last?.reason).toContain("Clone");
  });

  it("control: a tablet that is only opened again stays", async () => {
    const first = await open("alone");
    await enrolTablet(first.page, server.addresses.tablet);
    await untilInstalled(first.page);
    const deviceId = await newestTablet();
    await first.context.close();
    const { page } = await open("alone");
    await page.goto(server.addresses.tablet);
    await signIn(page);
    const beat = await page.waitForResponse((answer) => answer.url().endsWith("/heartbeat") && answer.ok());
    expect(beat.status()).toBe(200);
    expect(stateOf(deviceId)).toBe("active");
  });
});
