import type { Page } from "@playwright/test";
import { afterAll, beforeAll, describe, it } from "vitest";
import { readConfig } from "#server/config.ts";
import { type RunningServer, startServer } from "#server/main.ts";
import { startTestArchive, type TestArchive } from "../archive.ts";
import { type BaseProcess, startBaseProcess } from "../base-process.ts";
import { bootStandbyForTest } from "../boot.ts";
import { viewports } from "../browser.ts";
import { freePort } from "../free-port.ts";
import { sql } from "../postgres.ts";
import { useFolder } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { continuity, enrolDesk, openPage, signInAtDesk } from "./desk-steps.ts";
import { expect } from "./expect.ts";
import { enrolScreen, nurse, signInAtScreen } from "./hospital-steps.ts";
import { inspect } from "./inspect.ts";
import {
  enrolTablet,
  newRecord,
  preAlert,
  recordObs,
  sayWhoItIs,
  signIn,
  startShift,
  timeline,
  writeNote,
} from "./tablet-steps.ts";

let archive: TestArchive;
let app: RunningServer;
let base: BaseProcess;
let standby: RunningServer;
let tablet: Page;
let screen: Page;
let desk: Page;
const data = useFolder("standby-app");
const { open } = useBrowsers("standby");

beforeAll(async () => {
  archive = await startTestArchive();
  const [appPort, crew, care, control, ...others] = await Promise.all(Array.from({ length: 7 }, freePort));
  const ofBase = { HOLDFAST_CREW_PORT: crew!, HOLDFAST_CARE_PORT: care!, HOLDFAST_CONTROL_PORT: control! };
  const everywhere = { HOLDFAST_APP_PORT: appPort!, HOLDFAST_LOG: "silent" };
  const settings = {
    ...everywhere,
    ...ofBase,
    HOLDFAST_STANDBY: `standby.localhost:${others.join(",")}`,
    HOLDFAST_LETTERBOX: archive.address,
  };
  // The web apps are served by a process of their own, as behind any proxy: they outlive the base.
  app = await startServer(readConfig({ ...settings, HOLDFAST_DATA: data }, ["app"]));
  base = await startBaseProcess(archive.base, settings);
  standby = await bootStandbyForTest(archive, {
    ...everywhere,
    HOLDFAST_CREW_PORT: others[0]!,
    HOLDFAST_CARE_PORT: others[1]!,
    HOLDFAST_CONTROL_PORT: others[2]!,
  });
  ({ page: tablet } = await open("tablet", viewports.tablet));
  ({ page: screen } = await open("screen", viewports.desktop));
  ({ page: desk } = await open("desk", viewports.tablet));
});
afterAll(async () => {
  await standby?.close();
  await base?.close();
  await app?.close();
  await archive?.remove();
});

const banner = () => tablet.getByRole("complementary", { name: "Level of service" });
const entry = (text: string) => timeline(tablet).getByRole("button", { name: new RegExp(text) });
const strip = (page = screen) => page.getByRole("complementary", { name: "The standby answers" });
const row = (concern: string) => screen.getByRole("row").filter({ hasText: concern });
const atStandbyOnly = "At the standby, not yet at the base";

const lines = async (server: Pick<RunningServer, "cells">, table = "care_line"): Promise<number> => {
  const url = server.cells.get("northmoor")!.databaseUrl("owner");
  return (await sql<{ lines: number }>(url, `SELECT count(*)::int AS lines FROM ${table}`))[0]!.lines;
};
const untilFollowed = async (): Promise<void> => {
  for (const table of ["control_line", "care_line"])
    await expect.poll(async () => (await lines(base, table)) - (await lines(standby, table))).toBe(0);
};
const problems: string[] = [];

describe("the day the base is gone", () => {
  it("begins like any other: a patient on the board, a nurse signed in", async () => {
    await enrolTablet(tablet, app.addresses.tablet);
    await signIn(tablet);
    await startShift(tablet);
    await enrolScreen(screen, app.addresses.hospital);
    await signInAtScreen(screen, base, nurse);
    await newRecord(tablet);
    await sayWhoItIs(tablet);
    await recordObs(tablet);
    await preAlert(tablet, "Southgate ED", "Chest pain");
    await expect(row("Chest pain")).toContainText("DEMO-JOURNEY");
    await expect(banner()).toContainText("Connected to the base");
    await expect(strip()).toHaveCount(0);
    await enrolDesk(desk, app.addresses.control);
    await signInAtDesk(desk, base, continuity);
    await openPage(desk, "The standby");
    await expect(strip(desk)).toHaveCount(0);
    await untilFollowed();
  });

  it("the open board keeps its patients with their ages and says as of when, without a click", async () => {
    await base.kill();
    await expect(strip()).toContainText(/Northmoor as of \d\d:\d\d:\d\d/);
    // Of the other trust nobody has written anything.
    await expect(strip()).toContainText("Westvale has sent nothing yet");
    await expect(row("Chest pain")).toContainText(/just now|min ago/);
    await expect(row("Chest pain")).toContainText("NM201");
    // Nobody is signed in at the standby yet: the board stays, the name does not.
    await expect(row("Chest pain")).not.toContainText("DEMO-JOURNEY");
    await inspect(screen, "hospital-board-standby", problems);
    await row("Chest pain").getByRole("link").click();
    await expect(screen.getByText("The standby answers, and knows no sign-in of the base's")).toBeVisible();
    await expect(strip()).toContainText("as of");
    await inspect(screen, "hospital-sign-in-standby", problems);
  });

  it("the crew reads who answers, goes on writing, and sees that the base has none of it yet", async () => {
    await expect(banner()).toContainText(
      /The base does not answer\. The standby does: it shows what the base had at \d\d:\d\d:\d\d, and keeps what you write until the base has it\./,
    );
    await writeNote(tablet, "After the base went");
    await expect(entry("After the base went")).toContainText(atStandbyOnly);
    await expect(banner()).toContainText("at the standby, not yet at the base");
    await expect(tablet.getByText("All sent")).toHaveCount(0);
    await inspect(tablet, "tablet-standby-record", problems);
    await tablet.getByRole("button", { name: "All records" }).click();
    await expect(tablet.getByRole("button", { name: /DEMO-JOURNEY/ })).toContainText("not yet at the base");
    await newRecord(tablet);
    await writeNote(tablet, "Found on the stairs");
    await preAlert(tablet, "Southgate ED", "Fall on the stairs");
    await expect(entry("Found on the stairs")).toContainText(atStandbyOnly);
  });

  it("a nurse signs in at the standby in one step, finds the new patient, and accepts", async () => {
    await strip().getByRole("button", { name: "Sign in here with your passkey" }).click();
    await expect(screen.getByRole("heading", { name: /DEMO-JOURNEY/ })).toBeVisible();
    await expect(strip()).toContainText("as of");
    await expect(screen.getByRole("region", { name: /Timeline/ })).toContainText("After the base went");
    await inspect(screen, "hospital-patient-standby", problems);
    await screen.getByRole("link", { name: "Arrivals" }).click();
    await row("Fall on the stairs").getByRole("button", { name: "Accept NM201" }).click();
    await screen.getByRole("button", { name: /^Accept as Zofia Nowak/ }).click();
    await expect(row("Fall on the stairs")).toContainText("Accepted");
    await expect(row("Fall on the stairs")).toContainText("at the standby, not yet at the base");
    await expect(entry("Found on the stairs")).toContainText("Accepted by Zofia Nowak");
    await expect(entry("Found on the stairs")).toContainText("not yet at the base");
    await inspect(screen, "hospital-accepted-standby", problems);
    await tablet.getByRole("button", { name: "Handover, full page" }).click();
    await expect(tablet.getByText("Accepted by Zofia Nowak, Nurse")).toBeVisible();
    await expect(tablet.getByText("! not yet at the base")).toBeVisible();
    await inspect(tablet, "tablet-standby-handover", problems);
    await tablet.goBack();
  });

  it("the desk says on every page that the standby answers, and as of when", async () => {
    // The base fails to answer twice before the desk turns to the standby.
    await desk.getByRole("link", { name: "Proof of the logs" }).click();
    await expect(desk.getByRole("button", { name: "Use a passkey" })).toBeVisible();
    await expect(strip(desk)).toContainText(
      /The base does not answer, the standby does: Northmoor.* as of \d\d:\d\d:\d\d/,
    );
    await inspect(desk, "desk-sign-in-standby", problems);
    await desk.getByRole("button", { name: "Use a passkey" }).click();
    await openPage(desk, "The standby");
    await expect(strip(desk)).toContainText(/as of \d\d:\d\d:\d\d/);
    await expect(desk.getByText("Devices are told of a standby")).toBeVisible();
    await inspect(desk, "desk-standby", problems);
    await desk.setViewportSize(viewports.desktop);
    await inspect(desk, "desk-standby-wide", problems);
  });

  it("the base comes back: it has everything, and every word of the standby goes", async () => {
    await base.start();
    await expect(banner()).toContainText("Connected to the base", { timeout: 90_000 });
    await expect(banner()).toContainText("All sent");
    await expect(entry("Found on the stairs")).not.toContainText("not yet at the base");
    await expect(strip()).toHaveCount(0, { timeout: 90_000 });
    await expect(screen.getByText("Both services live")).toBeVisible();
    // The session of before the outage goes on.
    await expect(row("Chest pain")).toContainText("DEMO-JOURNEY");
    await expect(row("Fall on the stairs")).not.toContainText("not yet at the base");
    // The desk too finds the session that it had there.
    await expect(strip(desk)).toHaveCount(0, { timeout: 90_000 });
    await openPage(desk, "The standby");
    await expect(strip(desk)).toHaveCount(0);
    await expect.poll(() => lines(standby, "held_line")).toBe(0);
    expect(problems).toEqual([]);
  });
});
