import type { Page } from "@playwright/test";
import pg from "pg";
import { afterAll, beforeAll, describe, it } from "vitest";
import { themes, viewports } from "../browser.ts";
import { controlLogOf, enrolTestDevice, incident, note, push, runOf, testChain } from "../devices.ts";
import { inDatabase, postgresVersions } from "../postgres.ts";
import { useArchive, usePostgres, useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { enrolDesk, governance, openPage, security, signInAtDesk } from "./desk-steps.ts";
import { expect } from "./expect.ts";
import { inspect as inspectPage } from "./inspect.ts";

const archive = useArchive();
const postgres = usePostgres(postgresVersions[0]!);
const server = useServer(async () => ({
  data: archive.base,
  databaseUrl: postgres.url,
  settings: { HOLDFAST_LETTERBOX: archive.address, HOLDFAST_WITNESSES: (await archive.witness()).setting },
}));
let superuser: pg.Client;
let page: Page;
const problems: string[] = [];
const { open } = useBrowsers("proof");

beforeAll(async () => {
  superuser = new pg.Client({ connectionString: inDatabase(postgres.url) });
  await superuser.connect();
  ({ page } = await open("desk"));
});
afterAll(() => superuser?.end());

const inspect = async (name: string): Promise<void> => {
  for (const size of [viewports.desktop, viewports.tablet]) {
    await page.setViewportSize(size);
    await inspectPage(page, `desk-${name}-${size.width}`, problems, size === viewports.tablet ? themes : ["day"]);
  }
};
const proveNow = async (verdict: string): Promise<void> => {
  await page.getByRole("button", { name: "Prove now" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Compared" })).toContainText(verdict);
  await expect(page.getByRole("button", { name: "Prove now" })).toBeEnabled();
};

describe("the proof of the logs at the desk", () => {
  it("lists what an earlier base changed after the line that this one goes on from, and nothing where that never was", async () => {
    await enrolDesk(page, server.addresses.control);
    await signInAtDesk(page, server, governance);
    await openPage(page, "Proof of the logs");
    await expect(page.getByText("The logs have not been proved yet.")).toBeVisible();
    const region = page.getByRole("region", { name: "Changes that did not happen" });
    await expect(region).toHaveCount(0);
    const change = { hash: "", epoch: 1, received: "2026-11-23T02:58:00.000Z", by: { userId: security.userId } };
    const changes = [
      { ...change, position: 4_811, kind: "person", id: "n-new-officer" },
      { ...change, position: 4_812, kind: "device", id: crypto.randomUUID(), by: {} },
      { ...change, position: 4_813, kind: "", id: "", by: {} },
    ];
    await controlLogOf(server).append(
      changes.map((state) => ({ kind: "left-out", id: `1.${state.position}`, state, by: {} })),
    );
    await page.reload();
    await expect(region.getByRole("row", { name: /Person n-new-officer Alan Kerr/ })).toBeVisible();
    await expect(region.getByRole("row", { name: /Line 4813, which cannot be read not known/ })).toBeVisible();
    for (const size of [viewports.desktop, viewports.tablet]) {
      await page.setViewportSize(size);
      await inspectPage(page, `desk-left-out-${size.width}`, problems);
    }
    expect(problems).toEqual([]);
  });

  it("says that nothing is wrong, and after a change at the database which log, since when and which record", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident, note("first"), note("second")));
    const cosigned = async () =>
      (await archive.reader.heads("northmoor", "care", 0)).some((head) => head.includes("— witness.example "));
    await expect.poll(cosigned).toBe(true);

    await proveNow("Nothing is wrong");
    await inspect("proof-good");

    await superuser.query("SET session_replication_role = replica");
    await superuser.query("UPDATE care_line SET received = received - interval '1 hour' WHERE position = 2");
    await superuser.query("DELETE FROM control_line WHERE position = 3");
    await proveNow("Something is wrong");
    await expect(page.getByRole("region", { name: "What is wrong: Records" })).toContainText(chain.recordId);
    const control = page.getByRole("region", { name: "What is wrong: Devices, people and settings" });
    await expect(control.getByRole("row", { name: /Removed 3/ })).toBeVisible();
    await inspect("proof-bad");
    expect(problems).toEqual([]);
  });
});
