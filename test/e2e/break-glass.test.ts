import type { Page } from "@playwright/test";
import { beforeAll, describe, it } from "vitest";
import { sql } from "#test/postgres.ts";
import { viewports } from "../browser.ts";
import {
  destination,
  enrolTestDevice,
  incident,
  note,
  push,
  runOf,
  southgate,
  type TestDevice,
  testChain,
} from "../devices.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { enrolDesk, governance, openPage, signInAtDesk } from "./desk-steps.ts";
import { expect } from "./expect.ts";
import { enrolScreen, harbourNurse, signInAtScreen } from "./hospital-steps.ts";
import { inspect as inspectPage } from "./inspect.ts";
import { atRest, inspectTablet } from "./tablet-checks.ts";
import { enrolTablet, newRecord, signIn, startShift, timeline } from "./tablet-steps.ts";

const server = useServer();
const { open } = useBrowsers("break-glass");
const problems: string[] = [];
const inFront = "Patient is in front of me";
const lived = "PLANTED lives alone on the third floor";
let author: TestDevice;
let tablet: Page;
let desk: Page;

interface Charted {
  chain: ReturnType<typeof testChain>;
  nhsNumber: string;
}
const byHand = (value: string) => ({ value, from: "hand" });
const obs = {
  kind: "observations",
  body: {
    respirations: byHand("22"),
    spo2: byHand("94"),
    inspired: { is: "air", from: "hand" },
    pulse: byHand("108"),
    systolic: byHand("102"),
    diastolic: byHand("64"),
    acvpu: { is: "A", from: "hand" },
    temperature: byHand("36.8"),
  },
};
/** What another crew of Northmoor wrote, of a patient on the way to Southgate. */
const chart = async (familyName: string, nhsNumber: string): Promise<Charted> => {
  const chain = testChain();
  const body = {
    identity: "two-identifiers",
    familyName,
    givenName: "Testa",
    gender: "female",
    nhsNumber: { is: nhsNumber },
    birthDate: { is: "1954-03-14" },
  };
  const parts = [
    { ...incident, body: { ...incident.body, callSign: "NM415" } },
    { kind: "patient", body },
    { kind: "allergies", body: { allergies: { is: [{ substance: "Penicillin", severity: "severe" }] } } },
    obs,
    note(lived),
    destination(southgate),
  ];
  const { answers } = await push(server, author, await runOf(author, chain, ...parts));
  expect(answers.map(({ answer }) => answer)).toEqual(parts.map(() => "accepted"));
  return { chain, nhsNumber };
};

const inspect = async (page: Page, name: string): Promise<void> => {
  for (const size of [viewports.desktop, viewports.tablet]) {
    await page.setViewportSize(size);
    if (name.startsWith("tablet")) await inspectTablet(page, `${name}-${size.width}`, problems);
    else await inspectPage(page, `${name}-${size.width}`, problems);
  }
};

const linesFrom = async (page: Page, { chain }: Charted): Promise<number> => {
  const deviceId = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const request = indexedDB.open("holdfast-tablet");
        request.onsuccess = () => {
          const get = request.result.transaction("things").objectStore("things").get("enrolment");
          get.onsuccess = () => {
            request.result.close();
            resolve(get.result.value.deviceId);
          };
        };
      }),
  );
  const rows = await sql<{ n: number }>(
    server.cells.get("northmoor")!.databaseUrl("owner"),
    "SELECT count(*)::int AS n FROM care_line WHERE record_id = $1 AND device_id = $2",
    [chain.recordId, deviceId],
  );
  return rows[0]!.n;
};

const reviewRow = (recordId: string) => desk.getByRole("row").filter({ hasText: recordId });
const banner = (page: Page) => page.getByRole("region", { name: "How this record was opened" });

let one: Charted;
let two: Charted;
beforeAll(async () => {
  author = await enrolTestDevice(server, "crew", "DEMO-TABLET-2");
  one = await chart("DEMO-GLASS", "9990000018");
  two = await chart("DEMO-PANE", "9990000026");
  ({ page: desk } = await open("desk"));
  await enrolDesk(desk, server.addresses.control);
  await signInAtDesk(desk, server, governance);
  await openPage(desk, "Break-glass review");
  ({ page: tablet } = await open("tablet"));
  await enrolTablet(tablet, server.addresses.tablet);
});

const find = async (page: Page, nhsNumber: string): Promise<void> => {
  await page.getByRole("textbox", { name: "NHS number" }).fill(nhsNumber);
  await page.getByRole("button", { name: inFront, exact: true }).click();
  await page.getByRole("button", { name: "Find", exact: true }).click();
};

describe("another crew's record on a tablet", () => {
  it("is found from the open record by its patient, and opens for a reason, to read", async () => {
    await signIn(tablet);
    await startShift(tablet);
    await tablet.getByRole("button", { name: "Earlier records" }).click();
    await expect(tablet.getByRole("heading", { name: "Earlier records" })).toBeVisible();
    await inspect(tablet, "tablet-earlier");
    await tablet.getByRole("button", { name: "Back", exact: true }).click();
    await newRecord(tablet);
    await tablet.getByRole("button", { name: /^Patient: .*Change$/ }).click();
    await tablet.getByRole("textbox", { name: "NHS number" }).fill(one.nhsNumber);
    await tablet.getByRole("button", { name: "Save patient" }).click();
    await tablet.getByRole("button", { name: "More", exact: true }).click();
    await tablet.getByRole("button", { name: "Earlier records of this patient" }).click();
    await expect(tablet.getByRole("textbox", { name: "NHS number" })).toHaveValue(one.nhsNumber);
    const look = tablet.getByRole("button", { name: "Find", exact: true });
    await expect(look).toBeDisabled();
    await tablet.getByRole("button", { name: inFront, exact: true }).click();
    await look.click();
    const found = tablet.getByRole("button", { name: /72 F.*NM415/ });
    await expect(found).toBeVisible();
    await expect(tablet.getByRole("main")).not.toContainText("DEMO-GLASS");
    await inspect(tablet, "tablet-earlier-found");
    await found.click();
    await expect(banner(tablet)).toContainText("Opened by break-glass; your trust's desk will look at it");
    await expect(timeline(tablet)).toContainText(lived);
    await expect(tablet.getByRole("banner")).toContainText("DEMO-GLASS");
    await expect(tablet.getByText("! Allergies: Penicillin")).toBeVisible();
    await expect(timeline(tablet)).toContainText("NEWS2");
    await inspect(tablet, "tablet-earlier-record");
    await timeline(tablet)
      .getByRole("button", { name: new RegExp(lived) })
      .click();
    const entry = tablet.getByRole("dialog");
    await expect(entry).toContainText(lived);
    await expect(entry.getByRole("button", { name: /Amend|Strike/ })).toHaveCount(0);
    await tablet.keyboard.press("Escape");
  });

  it("comes to the desk by itself, with who and why", async () => {
    const row = reviewRow(one.chain.recordId);
    await expect(row).toContainText("Amara Okafor");
    await expect(row).toContainText(inFront);
    await expect(row).toContainText("Not looked at yet");
    await inspect(desk, "desk-broken-glass");
  });

  it("lies sealed, opens again without the base, and a look-up then says in a line that it needs it", async () => {
    expect(await atRest(tablet)).not.toContain("PLANTED");
    await tablet.context().setOffline(true);
    await tablet.getByRole("button", { name: "Back", exact: true }).click();
    await find(tablet, two.nhsNumber);
    await expect(tablet.getByText("Earlier records need the base, which does not answer now.")).toBeVisible();
    await inspect(tablet, "tablet-earlier-offline");
    await tablet.getByRole("button", { name: /DEMO-GLASS/ }).click();
    await expect(timeline(tablet)).toContainText(lived);
    await tablet.context().setOffline(false);
  });

  it("is not changed or sent by reading it; when the crew goes on in it, it is theirs, and says who has had it", async () => {
    await tablet.getByRole("button", { name: "Back", exact: true }).click();
    await find(tablet, two.nhsNumber);
    await tablet.getByRole("button", { name: /72 F.*NM415/ }).click();
    await expect(banner(tablet)).toBeVisible();
    await expect(reviewRow(two.chain.recordId)).toBeVisible();
    expect([await linesFrom(tablet, one), await linesFrom(tablet, two)]).toEqual([0, 0]);
    await tablet.getByRole("button", { name: "Go on in this record" }).click();
    await tablet.getByRole("button", { name: "Yes, we join: an entry says so" }).click();
    await expect(timeline(tablet)).toContainText("NM201 joined this record");
    await expect(timeline(tablet)).toContainText(lived);
    await expect.poll(() => linesFrom(tablet, two)).toBe(1);
    await push(server, author, await runOf(author, two.chain, note("PLANTED after they joined")));
    await expect(timeline(tablet)).toContainText("PLANTED after they joined");
    expect(await linesFrom(tablet, one)).toBe(0);
    await tablet.getByRole("button", { name: "More", exact: true }).click();
    await tablet.getByRole("button", { name: "Who has had this record" }).click();
    const had = tablet.getByRole("dialog").getByRole("row").filter({ hasText: "breaking the glass" });
    await expect(had.filter({ hasText: "Got it onto the device" })).toContainText(`Amara Okafor, paramedic`);
    await expect(had.filter({ hasText: "Came upon it in a look-up" })).toContainText(inFront);
    await tablet.keyboard.press("Escape");
  });

  it("goes when the shift ends", async () => {
    await tablet.getByRole("button", { name: "All records" }).click();
    const keeps = async () => (await atRest(tablet)).includes("earlier 0");
    expect(await keeps()).toBe(true);
    await tablet.getByRole("button", { name: /^Menu/ }).click();
    await tablet.getByRole("button", { name: "End shift" }).click();
    await expect.poll(keeps).toBe(false);
  });

  it("goes at the next unlock when the shift has simply run out", async () => {
    const keeps = async () => (await atRest(tablet)).includes("earlier 0");
    await startShift(tablet);
    await tablet.getByRole("button", { name: "Earlier records" }).click();
    await find(tablet, one.nhsNumber);
    await tablet.getByRole("button", { name: /72 F.*NM415/ }).click();
    await expect(banner(tablet)).toBeVisible();
    expect(await keeps()).toBe(true);
    await tablet.evaluate((hours) => {
      const held = JSON.parse(localStorage.getItem("holdfast.shift")!);
      held.startedAtMs -= hours * 3_600_000;
      localStorage.setItem("holdfast.shift", JSON.stringify(held));
    }, 16);
    for (const screen of ["Earlier records", "Home"]) {
      await tablet.getByRole("button", { name: "Back", exact: true }).click();
      await expect(tablet.getByRole("heading", { name: "Earlier records" })).toHaveCount(screen === "Home" ? 0 : 1);
    }
    await tablet.getByRole("button", { name: "Lock", exact: true }).click();
    await signIn(tablet);
    await expect(tablet.getByRole("button", { name: "Start shift" })).toBeVisible();
    await expect.poll(keeps).toBe(false);
  });

  it("is refused in clear words to a student, who goes on charting", async () => {
    await startShift(tablet);
    await tablet.getByRole("button", { name: "Lock", exact: true }).click();
    await signIn(tablet, "Sam Testcase", "6666");
    await tablet.getByRole("button", { name: "Earlier records" }).click();
    await find(tablet, one.nhsNumber);
    await expect(tablet.getByRole("alert")).toContainText("None of your roles may do this");
    await tablet.getByRole("button", { name: "Back", exact: true }).click();
    await newRecord(tablet);
  });
});

describe("a patient who is at another hospital than their record", () => {
  it("is found by a nurse there and opens for a reason, to read; the wall board has no way to it", async () => {
    const { page } = await open("hospital", viewports.desktop);
    await enrolScreen(page, server.addresses.hospital, "Harbour");
    await expect(page.getByText("Both services live")).toBeVisible();
    await expect(page.getByRole("link", { name: "Find another patient" })).toHaveCount(0);
    await page.goto(`${server.addresses.hospital}/find`);
    await expect(page.getByRole("heading", { name: "Sign in to open this patient" })).toBeVisible();
    await page.getByRole("link", { name: "Arrivals" }).click();
    await signInAtScreen(page, server, harbourNurse);
    await page.getByRole("link", { name: "Find another patient" }).click();
    await inspect(page, "hospital-find");
    await page.getByRole("button", { name: "Surname and date of birth" }).click();
    await page.getByRole("textbox", { name: /^Surname/ }).fill("demo glas");
    await page.getByRole("textbox", { name: /^Date of birth/ }).fill("14 03 1954");
    await page.getByRole("button", { name: "Expected at another site" }).click();
    await page.getByRole("button", { name: "Find", exact: true }).click();
    const row = page.getByRole("row").filter({ hasText: "NM415" });
    await expect(row.first()).toContainText("Northmoor");
    await expect(page.getByRole("main")).not.toContainText("DEMO-GLASS");
    await inspect(page, "hospital-found");
    await page.getByRole("button", { name: "NHS number" }).click();
    await page.getByRole("textbox", { name: "NHS number" }).fill(one.nhsNumber);
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByRole("button", { name: "Open NM415, 72 F" }).click();
    await expect(banner(page)).toContainText("Opened by break-glass; Northmoor's desk will look at it");
    await expect(page.getByRole("heading", { name: /DEMO-GLASS/ })).toBeVisible();
    await expect(page.getByRole("region", { name: /Timeline/ })).toContainText(lived);
    await expect(page.getByRole("button", { name: /Accept|Assign/ })).toHaveCount(0);
    await inspect(page, "hospital-found-patient");
    await expect(reviewRow(one.chain.recordId).filter({ hasText: harbourNurse.name })).toContainText(
      "Expected at another site",
    );
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page.getByText(lived)).toHaveCount(0);
  });

  it("closes when the person is signed out of its service alone, and is nobody's who comes after", async () => {
    const { page } = await open("hospital-two", viewports.desktop);
    await enrolScreen(page, server.addresses.hospital, "Harbour");
    await signInAtScreen(page, server, harbourNurse);
    await page.getByRole("link", { name: "Find another patient" }).click();
    await page.getByRole("textbox", { name: "NHS number" }).fill(one.nhsNumber);
    await page.getByRole("button", { name: "Expected at another site" }).click();
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByRole("button", { name: "Open NM415, 72 F" }).click();
    await expect(page.getByText(lived)).not.toHaveCount(0);
    await server.cells.get("northmoor")!.sessions.end({ userId: harbourNurse.userId }, "ended-at-desk");
    await expect(page.getByText(lived)).toHaveCount(0);
    // The other service still knows them, so the page itself stays.
    await expect(page.getByRole("heading", { name: "Find another patient" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Open NM415, 72 F" })).toHaveCount(0);
  });

  it("and axe finds nothing on any of these screens, in any theme, at either size", () => {
    expect(problems).toEqual([]);
  });
});
