import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import { beforeAll, describe, it } from "vitest";
import { themes, viewports } from "../browser.ts";
import { controlLogOf, enrolTestDevice, incident, note, push, runOf, testChain } from "../devices.ts";
import { newOtherSystem } from "../other-system.ts";
import { useProvider, useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import {
  configuration,
  enrolDesk,
  externalApprover,
  governance,
  openPage,
  recordsOfficer,
  security,
  signInAtDesk,
  signInByProvider,
  signOutAtDesk,
} from "./desk-steps.ts";
import { expect } from "./expect.ts";
import { inspect as inspectPage } from "./inspect.ts";

const provider = useProvider();
const server = useServer(() => ({ settings: provider.settings }));
const { folder, open } = useBrowsers("desk");
let context: BrowserContext;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  ({ context, page } = await open("desk"));
});

/** In all themes on the small screen, and by day on the large. */
const inspect = async (name: string): Promise<void> => {
  for (const size of [viewports.desktop, viewports.tablet]) {
    await page.setViewportSize(size);
    await inspectPage(page, `desk-${name}-${size.width}`, problems, size === viewports.tablet ? themes : ["day"]);
  }
};
const controlLog = () => controlLogOf(server);
/** More presses of Tab than any page needs from its search box to a row's buttons. */
const tabsMax = 100;
const dialog = () => page.getByRole("dialog");
/** Fills the reason and presses Enter on the button, as somebody without a mouse does. */
const giveReason = async (reason: string): Promise<void> => {
  await dialog().getByLabel("Reason").fill(reason);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
};

describe("the desk", () => {
  it("is set up with a code, and opens for a person with two factors to that person's pages alone", async () => {
    await page.goto(server.addresses.control);
    await expect(page.getByRole("button", { name: "Set up this desk" })).toBeVisible();
    await inspect("set-up");
    await enrolDesk(page, server.addresses.control);
    await inspect("sign-in");
    await signInByProvider(page, configuration);
    const pages = page.getByRole("navigation", { name: "Desk" }).getByRole("link");
    await expect(pages).toHaveText(["Devices", "People and roles", "Other systems", "Settings"]);
    // Over a reload the person stays; in another tab there is nobody.
    await page.reload();
    await expect(page.getByRole("banner")).toContainText(configuration.name);
    const other = await context.newPage();
    await other.goto(server.addresses.control);
    await expect(other.getByRole("button", { name: "Use a passkey" })).toBeVisible();
    await other.close();
  });

  it("adds a person, gives a role, and tells who changed what", async () => {
    await openPage(page, "People and roles");
    await inspect("people");
    await page.getByRole("button", { name: "New person" }).click();
    await dialog().getByLabel("User id").fill("n-testcase");
    await dialog().getByLabel("Name", { exact: true }).fill("Testcase Newcomer");
    await dialog().getByLabel("Staff number").fill("NM9001");
    await dialog().getByRole("checkbox", { name: "Paramedic", exact: true }).check();
    await inspect("person");
    await giveReason("Joined the trust");
    await expect(dialog()).toHaveCount(0);
    await page.getByRole("searchbox").fill("NM9001");
    await page.keyboard.press("Enter");
    const row = page.getByRole("row").filter({ hasText: "Testcase Newcomer" });
    await expect(row).toContainText("Paramedic");
    await row.getByRole("button", { name: /^Code for/ }).click();
    await giveReason("First day");
    await expect(dialog().locator(".code")).toHaveText(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/);
    await page.keyboard.press("Escape");
    await row.getByRole("button", { name: /^History/ }).click();
    await expect(dialog().getByRole("row").nth(1)).toContainText("First day");
    await expect(dialog().getByRole("row").nth(2)).toContainText("Joined the trust");
    await expect(dialog().getByRole("row").nth(2)).toContainText(configuration.name);
    await inspect("history");
    await page.keyboard.press("Escape");
  });

  it("says that somebody was first, and shows what they made of it", async () => {
    await openPage(page, "Settings");
    await inspect("settings");
    await page.getByRole("button", { name: "Change “Tablets lock after”" }).click();
    const state = (await controlLog().find("setting", "lock"))!.state;
    const by = { userId: "n-lowe" };
    const reason = "From another desk";
    await controlLog().append([{ kind: "setting", id: "lock", state: { ...state, afterMinutes: 3 }, by, reason }]);
    await dialog().getByRole("spinbutton").fill("20");
    await giveReason("Cold fingers");
    await expect(dialog().getByRole("alert")).toContainText("Somebody changed this first");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("row", { name: /^Tablets lock after/ })).toContainText("3 minutes");
    await expect(page.getByRole("row", { name: /^A PIN alone/ })).toContainText("Weak");
  });

  it("lets another system read, and ends it", async () => {
    await openPage(page, "Other systems");
    await page.getByRole("button", { name: "New system" }).click();
    await dialog().getByLabel("Name of the system").fill("Testcase EPR of Southgate");
    await dialog().getByLabel("Site whose records").fill("southgate-ed");
    await dialog().getByLabel("Its public keys").fill("{");
    await giveReason("Contract 12");
    await expect(dialog().getByRole("alert")).toContainText("The keys are no JSON");
    await inspect("connection");
    const { key } = await newOtherSystem("RS384");
    await dialog()
      .getByLabel("Its public keys")
      .fill(JSON.stringify({ keys: [key] }));
    await dialog().getByLabel("Its tokens").selectOption("bearer");
    await dialog().getByRole("button", { name: "Propose it" }).click();
    await expect(dialog().locator("code")).toHaveText(/^[0-9a-f-]{36}$/);
    await inspect("connection-made");
    await page.getByRole("button", { name: "Done" }).click();
    const row = page.getByRole("row").filter({ hasText: "Testcase EPR" });
    await expect(row).toContainText("Weak: whoever holds one reads");
    await expect(row).toContainText("Waits for a second person");
    await inspect("connections");
    await row.getByRole("button", { name: /^End/ }).click();
    await giveReason("Contract is over");
    await expect(row).toContainText("Ended");
  });

  it("makes a code as a picture and as text, and marks a tablet as stolen by keyboard alone", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    await signOutAtDesk(page);
    await signInAtDesk(page, server, security);
    await openPage(page, "Devices");
    await inspect("devices");
    await page.getByRole("button", { name: "New device code" }).click();
    await dialog().getByLabel("Its name").fill("Tablet 417");
    await page.keyboard.press("Enter");
    await expect(dialog().getByRole("img", { name: /^The code / })).toBeVisible();
    await inspect("code");
    await page.keyboard.press("Escape");

    await page.getByRole("searchbox").focus();
    await page.keyboard.type(tablet.deviceId);
    await page.keyboard.press("Enter");
    await expect(page.getByText("Page 1 of 1, 1 row")).toBeVisible();
    const stolen = page.getByRole("button", { name: /^Stolen / });
    const isThere = () => stolen.evaluate((button) => button === document.activeElement);
    for (let tabs = 0; tabs < tabsMax && !(await isThere()); tabs++) await page.keyboard.press("Tab");
    await expect(stolen).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(dialog()).toContainText("It reads nothing more");
    await inspect("stolen");
    await giveReason("Taken from the vehicle");
    await expect(dialog()).toHaveCount(0);
    await expect(page.getByRole("row").nth(1)).toContainText("▲ Stolen");

    await push(server, tablet, await runOf(tablet, testChain(), incident));
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("button", { name: /^Release 1/ }).click();
    await giveReason("Spoke with the crew");
    await expect(dialog().getByRole("status")).toHaveText("1 entry released.");
    await page.keyboard.press("Escape");
  });

  it("lists who is signed in, and who saw what, and exports it with a reason", async () => {
    await openPage(page, "Signed in now");
    await expect(page.getByRole("row").filter({ hasText: security.name })).toContainText("This is you");
    await inspect("sessions");
    await server.cells.get("northmoor")!.access.write({
      person: { ...configuration, roles: ["paramedic"] },
      zone: "crew",
      action: "break-glass",
      purpose: "break-glass",
      relation: "own-trust",
      recordIds: [testChain().recordId],
      reason: "Called as a second crew",
      notedAt: "2026-11-22T03:04:05.000Z",
    });
    await openPage(page, "Who saw what");
    await page.getByLabel("Staff number or user id").fill(configuration.userId);
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page.getByRole("row").filter({ hasText: "Person new" })).toContainText(configuration.name);
    await expect(page.getByRole("row").filter({ hasText: "Called as a second crew" })).toContainText(
      "noted beside the log at",
    );
    await inspect("access");
    await page.getByRole("button", { name: "Export" }).click();
    const download = page.waitForEvent("download");
    await giveReason("Asked by the information commissioner");
    const file = join(folder, "access.csv");
    await (await download).saveAs(file);
    expect(readFileSync(file, "utf8").split("\r\n")[0]).toMatch(/^received,/);
    await expect(dialog()).toHaveCount(0);
  });

  it("says how many people could sign in on the standby, and names who could not", async () => {
    await openPage(page, "The standby");
    await expect(page.getByRole("status").first()).toContainText(
      /No standby is set.*\d+ % of people could sign in on one today/s,
    );
    // Who was added above has no PIN yet.
    await expect(page.getByRole("row").filter({ hasText: "Crews, on tablets" })).toContainText("7 (87 %)8");
    await page.getByLabel("Find a person").fill(recordsOfficer.name);
    await page.keyboard.press("Enter");
    const found = page.getByRole("table", { name: "People who could not sign in at the standby" }).getByRole("row");
    await expect(found.filter({ hasText: recordsOfficer.name })).toContainText("a passkey");
    await inspect("standby");
  });

  it("queues an opened sealed account for somebody else's review", async () => {
    await signOutAtDesk(page);
    await page.getByText("Open a sealed account").click();
    await page.getByLabel("Printed code").fill("DEMO-SEALED-ONE-7K4M-QX2P");
    await page.getByLabel("Why it is opened").fill("The provider is down, and nobody has a passkey");
    await inspect("sealed");
    await page.getByRole("button", { name: "Open it" }).click();
    await expect(page.getByRole("banner")).toContainText("Sealed account 1");
    await signOutAtDesk(page);
    await signInAtDesk(page, server, governance);
    await openPage(page, "Break-glass review");
    const row = page.getByRole("row").filter({ hasText: "The provider is down" });
    await expect(row).toContainText("Not looked at yet");
    await inspect("reviews");
    await row.getByRole("button", { name: /^Review/ }).click();
    await inspect("review");
    await dialog().getByLabel("What you found").fill("The provider was down from 14:02");
    await dialog().getByRole("button", { name: "Save the review" }).click();
    await expect(row).toContainText(governance.name);
  });

  it("makes a copy of a record with a line withheld, and puts the record under a legal hold", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    const neighbour = note("The neighbour let us in");
    await push(server, tablet, await runOf(tablet, chain, incident, neighbour));
    await signOutAtDesk(page);
    await signInAtDesk(page, server, recordsOfficer);
    await openPage(page, "Records office");
    await page.getByLabel("Record id").fill(chain.recordId);
    await page.getByLabel("Which request it is for").fill("Request 1234 of the coroner");
    await page.keyboard.press("Enter");
    const row = page.getByRole("row").filter({ hasText: "The neighbour let us in" });
    await row.getByRole("checkbox").check();
    await inspect("record");
    await page.getByRole("button", { name: "Make a copy, 1 withheld" }).click();
    await dialog().getByRole("radio", { name: "A coroner" }).check();
    await dialog().getByLabel("Why this line is withheld").fill("About somebody else");
    await inspect("copy");
    const download = page.waitForEvent("download");
    await giveReason("Inquest");
    expect((await download).suggestedFilename()).toBe("record-copy.pdf");
    await expect(dialog()).toHaveCount(0);
    await page.getByRole("button", { name: "Restriction and legal hold" }).click();
    await dialog()
      .getByRole("checkbox", { name: /^Legal hold/ })
      .check();
    await inspect("marks");
    await giveReason("Inquest");
    await expect(page.getByText("■ Legal hold")).toBeVisible();
  });

  it("proposes the end of a record, which another person agrees to by keyboard alone; late entries are shown", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident, note("Testcase: kept without a basis")));
    const openRecord = async () => {
      await page.getByLabel("Record id").fill(chain.recordId);
      await page.getByLabel("Which request it is for").fill("Erasure request 77");
      await page.keyboard.press("Enter");
    };
    await openPage(page, "Records office");
    await openRecord();
    await page.getByRole("button", { name: "Propose disposal" }).click();
    await expect(dialog()).toContainText("It is to be kept until");
    await inspect("disposal");
    await giveReason("Written for an exercise, of nobody");
    await expect(dialog()).toHaveCount(0);
    await expect(page.getByText("▲ Disposal proposed")).toBeVisible();
    await inspect("record-proposed");

    // A desk role, and a code for who has one, wait too.
    await signOutAtDesk(page);
    await signInAtDesk(page, server, configuration);
    await openPage(page, "People and roles");
    const find = async (words: string) => {
      await page.getByRole("searchbox").fill(words);
      await page.keyboard.press("Enter");
    };
    await find("n-testcase");
    await page.getByRole("button", { name: /^Change Testcase Newcomer/ }).click();
    await dialog()
      .getByRole("checkbox", { name: /^Information governance/ })
      .check();
    await giveReason("Takes over from a colleague");
    await expect(page.getByText("▲ Waits for a second person: Information governance")).toBeVisible();
    await inspect("people-waiting");
    await find(recordsOfficer.userId);
    await page.getByRole("button", { name: `Code for ${recordsOfficer.name}` }).click();
    await giveReason("Lost the old one");
    await expect(dialog()).toContainText("once a second person has agreed");
    await inspect("code-waits");
    await page.keyboard.press("Escape");

    await signOutAtDesk(page);
    await signInAtDesk(page, server, externalApprover);
    await expect(page.getByRole("navigation", { name: "Desk" }).getByRole("link")).toHaveText(["To approve4 waiting"]);
    await openPage(page, "To approve");
    const ofDisposal = page.getByRole("row", { name: /Dispose of the record/ });
    await expect(ofDisposal).toContainText("Before the retention term has ended");
    await inspect("approvals");
    const decline = page.getByRole("button", { name: /^Decline “Testcase Newcomer becomes/ });
    await decline.click();
    await dialog().getByLabel("Why not").fill("Nobody at governance knows of it");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("row", { name: /Testcase Newcomer/ })).toHaveCount(0);

    const approve = page.getByRole("button", { name: `Approve “Dispose of the record ${chain.recordId}”` });
    const isThere = () => approve.evaluate((button) => button === document.activeElement);
    await page.getByRole("searchbox").focus();
    for (let tabs = 0; tabs < tabsMax && !(await isThere()); tabs++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(dialog()).toContainText("nothing brings it back");
    await inspect("approve");
    await dialog().getByLabel("What you looked at").fill("The exercise's list of records");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(dialog()).toHaveCount(0);
    await expect(page.getByRole("navigation", { name: "Desk" }).getByRole("link")).toHaveText(["To approve2 waiting"]);
    await page.getByRole("radio", { name: "Decided or lapsed" }).check();
    await expect(page.getByRole("row", { name: /Dispose of the record/ })).toContainText("Agreed and done");
    await expect(page.getByRole("row", { name: /Testcase Newcomer/ })).toContainText("Declined");
    await inspect("decided");

    await push(server, tablet, await runOf(tablet, chain, note("Testcase: from a tablet that was away")));
    await signOutAtDesk(page);
    await signInAtDesk(page, server, recordsOfficer);
    await openPage(page, "Records office");
    await inspect("late-entries");
    await page.getByRole("button", { name: `Choose record ${chain.recordId}` }).click();
    await page.getByLabel("Which request it is for").fill("Look at what came late");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("row").filter({ hasText: "from a tablet that was away" })).toBeVisible();
    await expect(page.getByText("what is here came afterwards")).toBeVisible();
    await expect(page.getByText("kept without a basis")).toHaveCount(0);
  });

  it("has nothing that axe finds, in any theme or size", () => {
    expect(problems).toEqual([]);
  });
});
