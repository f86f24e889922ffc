import type { Page } from "@playwright/test";
import { describe, it } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import { demonstrationPeople } from "#server/identity/demonstration-roster.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { atRest, inspectTablet, platformAuthenticator } from "./tablet-checks.ts";
import {
  enrolTablet,
  newRecord,
  quickTile,
  signIn,
  startShift,
  timeline,
  untilInstalled,
  writeNote,
} from "./tablet-steps.ts";

const server = useServer();
const { open } = useBrowsers("shift", "after-each");

const tablet = async (name: string, before?: (page: Page) => Promise<unknown>) => {
  const { context, page } = await open(name);
  await before?.(page);
  await enrolTablet(page, server.addresses.tablet);
  return { context, page };
};

const lock = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: /^Menu/ }).click();
  await page.getByRole("button", { name: "Lock, or change person" }).click();
};
/** As five minutes without a touch do it: a touch on a button would take the focus away. */
const autoLock = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const real = Date.now;
    Date.now = () => real() + 6 * 60_000;
    document.dispatchEvent(new Event("visibilitychange"));
    Date.now = real;
  });
const whoAreYou = (page: Page) => page.getByRole("heading", { name: "Who are you?" });
const recordIdOf = (page: Page): string => new URL(page.url()).hash.split("/")[2]!;
const roster = demonstrationPeople("northmoor") as {
  name: string;
  pin: string;
}[];

/** The record's entries as the trust's log has them, in its order. */
const atBase = async (recordId: string): Promise<Entry[]> => {
  const lines = await server.cells.get("northmoor")!.crewReader.lines([{ recordId, after: 0 }], 500);
  return lines.map(({ text }) => JSON.parse(text!) as Entry);
};

describe("a crew and its tablet", () => {
  it("locks, empties the page, and comes back to the same half-typed word", async () => {
    const { page } = await tablet("lock");
    await signIn(page);
    await startShift(page);
    await newRecord(page);
    await page.getByRole("button", { name: "Note", exact: true }).click();
    const box = page.getByRole("textbox", { name: "Note" });
    await box.fill("DEMO-HALFTYPED on the kitch");
    await box.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(5, 5));
    expect(await page.content()).toContain("HALFTYPED");
    await autoLock(page);
    await page.waitForFunction(() => !document.documentElement.outerHTML.includes("HALFTYPED"));
    await expect(whoAreYou(page)).toBeVisible();
    expect(await page.content()).not.toContain("HALFTYPED");
    const stored = await atRest(page);
    // It is there, and not to be read.
    expect(stored).toContain('"name":"drafts"');
    expect(stored).not.toContain("HALFTYPED");

    await page.reload();
    await signIn(page);
    await expect(box).toHaveValue("DEMO-HALFTYPED on the kitch");
    await expect(box).toBeFocused();
    expect(await box.evaluate((field: HTMLTextAreaElement) => field.selectionStart)).toBe(5);
    await page.getByRole("button", { name: "Save note" }).click();
    await expect(timeline(page)).toContainText("DEMO-HALFTYPED");

    // A pad that is no text field comes back too, with the number that was half typed.
    await quickTile(page, /^Obs$/).click();
    await page.getByRole("button", { name: /^Breathing rate:/ }).click();
    await page.keyboard.type("229");
    const obs = () => page.getByRole("region", { name: "Fields" }).textContent();
    const before = await obs();
    expect(before).toMatch(/22.*9/s);
    await autoLock(page);
    await expect(whoAreYou(page)).toBeVisible();
    await signIn(page);
    await expect.poll(obs).toBe(before);
  });

  it("does not lock by itself while an arrest is running, and does when it is over", async () => {
    const { page } = await tablet("arrest", (shown) => shown.clock.install());
    await signIn(page);
    await startShift(page);
    await newRecord(page);
    await quickTile(page, /^Arrest$/).click();
    await expect(quickTile(page, /^Shock$/)).toBeVisible();
    await page.clock.fastForward("02:00:00");
    await page.getByRole("button", { name: "All records" }).click();
    await page.clock.fastForward("02:00:00");
    await expect(page.getByRole("heading", { name: "NM201" })).toBeVisible();
    await page
      .getByRole("button", { name: /Not known|Unknown|Name/ })
      .first()
      .click();
    await quickTile(page, /^ROSC$/).click();
    await expect(quickTile(page, /^GTN$/)).toBeVisible();
    await page.clock.fastForward("00:04:00");
    await expect(whoAreYou(page)).toHaveCount(0);
    await page.clock.fastForward("00:02:00");
    await expect(whoAreYou(page)).toBeVisible();
  });

  it("goes fourteen days without a network, another crew each day, who swap within it", async () => {
    const { context, page } = await tablet("fortnight");
    await untilInstalled(page);
    await context.setOffline(true);
    const day0 = Date.now();
    const written: { recordId: string; by: string[] }[] = [];
    for (let day = 1; day <= 14; day++) {
      const [first, second] = [roster[day % roster.length]!, roster[(day + 1) % roster.length]!];
      await page.clock.setSystemTime(day0 + day * 86_400_000);
      await page.goto("about:blank");
      await page.goto(`${server.addresses.tablet}/#/`);
      await signIn(page, first.name, first.pin);
      await startShift(page);
      await newRecord(page);
      await writeNote(page, `DEMO day ${day}, first`);
      await lock(page);
      await page.getByRole("button", { name: new RegExp(second.name) }).click();
      await page.keyboard.type(second.pin);
      await page.keyboard.press("Enter");
      await timeline(page)
        .filter({ hasText: `DEMO day ${day}, first` })
        .waitFor();
      await writeNote(page, `DEMO day ${day}, second`);
      written.push({ recordId: recordIdOf(page), by: [first.name, second.name] });
    }
    expect(written).toHaveLength(14);
    await context.setOffline(false);
    await expect(page.getByText("All sent").first()).toBeVisible();
    for (const { recordId, by } of written) {
      const authors = (await atBase(recordId)).filter(({ kind }) => kind === "note").map(({ author }) => author.name);
      expect(authors).toEqual(by);
    }
    const { signIn: strength } = (await atBase(written[0]!.recordId))[0]!.author;
    expect(strength).toBe("pin-weak");
  });

  it("shuts a name after ten wrong PINs, with growing waits, while a crewmate and a locked record go on", async () => {
    const { page } = await tablet("wrong", (shown) => shown.clock.install());
    await page.getByRole("button", { name: /Amara Okafor/ }).click();
    const pad = page.getByRole("region", { name: "PIN of Amara Okafor" });
    const unlock = pad.getByRole("button", { name: "Unlock" });
    for (let wrong = 1; wrong <= 10; wrong++) {
      await page.keyboard.type("0000");
      await page.keyboard.press("Enter");
      await expect(pad.getByRole("alert")).toContainText(wrong === 10 ? "Ten wrong PINs" : `${10 - wrong} `);
      if (wrong >= 5 && wrong < 10) {
        await page.keyboard.type("1111");
        await expect(unlock).toBeDisabled();
        await page.clock.fastForward(30_000 * 2 ** (wrong - 5) + 1_000);
        await expect(unlock).toBeEnabled();
        for (let digit = 0; digit < 4; digit++) await page.keyboard.press("Backspace");
      }
    }
    await page.reload();
    await page.getByRole("button", { name: /Amara Okafor/ }).click();
    await page.keyboard.type("1111");
    await page.keyboard.press("Enter");
    await expect(pad.getByRole("alert")).toContainText("Ten wrong PINs");
    await page.getByRole("button", { name: "Record without signing in" }).click();
    await page.getByRole("button", { name: "CPR started" }).click();
    await expect(page.getByText("CPR started saved")).toBeVisible();
    await page.getByRole("button", { name: "Done, or sign in" }).click();
    await signIn(page, "Tom Bright", "2222");
    await startShift(page);
    await expect(page.getByText("author to be confirmed")).toBeVisible();
    // The next contact brings the name back, since somebody has unlocked.
    expect(await atRest(page)).toContain("destroyedAtMs");
    await page.clock.fastForward("00:00:20");
    await expect.poll(() => atRest(page)).not.toContain("destroyedAtMs");
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await signIn(page);
    await expect(page.getByRole("heading", { name: "NM201" })).toBeVisible();
  });

  it("writes a record while it is locked, sends it and what waited sealed, and asks afterwards who wrote it", async () => {
    const { context, page } = await tablet("locked");
    await signIn(page);
    await startShift(page);
    await context.setOffline(true);
    await newRecord(page);
    await writeNote(page, "DEMO-WAITED at the roadside");
    const before = recordIdOf(page);
    await lock(page);
    await page.getByRole("button", { name: "Record without signing in" }).click();
    await page.getByRole("button", { name: "Cardiac arrest" }).click();
    await page.getByRole("textbox", { name: "Note" }).fill("DEMO-LOCKEDNOTE");
    await page.getByRole("button", { name: "Save note" }).click();
    await expect(page.getByText("Note saved")).toBeVisible();
    await page.getByRole("button", { name: "Done, or sign in" }).click();
    expect(await page.content()).not.toMatch(/DEMO-(WAITED|LOCKEDNOTE)/);
    expect(await atRest(page)).not.toMatch(/DEMO-(WAITED|LOCKEDNOTE)/);

    await context.setOffline(false);
    await page.reload();
    await expect.poll(async () => (await atBase(before)).length).toBe(2);
    await expect(page.getByText(/waiting, saved on this tablet/)).toHaveCount(0);
    await expect(whoAreYou(page)).toBeVisible();
    const sent = await atBase(before);
    expect(sent.map(({ author }) => author.name)).toEqual(["Amara Okafor", "Amara Okafor"]);
    expect(JSON.stringify(sent)).toContain("DEMO-WAITED");

    await signIn(page);
    await page.getByRole("button", { name: "All records" }).click();
    await page.getByRole("button", { name: /author to be confirmed/ }).click();
    await expect(timeline(page)).toContainText("DEMO-LOCKEDNOTE");
    const locked = await atBase(recordIdOf(page));
    expect(locked.map(({ author }) => author.signIn)).toEqual(["none", "none", "none"]);
    await page.getByRole("button", { name: "Me, Amara Okafor" }).click();
    await expect(timeline(page)).toContainText("written by Amara Okafor, says Amara Okafor");
    await expect(page.getByText("Author to be confirmed:")).toHaveCount(0);
  });

  it("lets somebody write whom it does not know, flagged, once a crewmate vouches for them", async () => {
    const { page } = await tablet("vouched");
    await signIn(page);
    await startShift(page);
    await newRecord(page);
    await page.getByRole("button", { name: /^Menu/ }).click();
    await page.getByRole("button", { name: "Vouch for a crewmate" }).click();
    await page.getByRole("button", { name: "Vouch, and let them write" }).click();
    await expect(page.getByRole("dialog").getByRole("alert")).toHaveText("Type the name.");
    await page.getByRole("textbox", { name: "Name" }).fill("Alex Testcase");
    await page.getByRole("textbox", { name: "Staff number" }).fill("B4711");
    await page.getByRole("textbox", { name: "Role" }).fill("Technician");
    await page.getByRole("button", { name: "Vouch, and let them write" }).click();
    await expect(page.getByText("Writing: Alex Testcase (B4711), vouched for")).toBeVisible();
    await writeNote(page, "DEMO vouched note");
    await lock(page);
    await signIn(page);
    await writeNote(page, "DEMO own note");
    const notesAtBase = async () => (await atBase(recordIdOf(page))).filter(({ kind }) => kind === "note");
    await expect.poll(async () => (await notesAtBase()).length).toBe(2);
    const notes = await notesAtBase();
    expect(notes.map(({ author }) => author)).toEqual([
      {
        userId: "staff:B4711",
        name: "Alex Testcase (B4711)",
        role: "Technician",
        signIn: "vouched",
        vouchedBy: "n-okafor",
      },
      expect.objectContaining({ userId: "n-okafor", signIn: "pin-weak" }),
    ]);
  });

  it("needs its own authenticator beside the PIN where it has one: a copy of the profile elsewhere opens for nobody", async () => {
    let swapAuthenticator = async (): Promise<void> => {};
    const { context, page } = await tablet("prf", async (shown) => {
      const session = await shown.context().newCDPSession(shown);
      await session.send("WebAuthn.enable");
      const add = () => session.send("WebAuthn.addVirtualAuthenticator", { options: platformAuthenticator });
      const { authenticatorId } = await add();
      swapAuthenticator = async () => {
        await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
        await add();
      };
    });
    await context.setOffline(true);
    await signIn(page);
    await startShift(page);
    await page.getByRole("button", { name: /^Menu/ }).click();
    await expect(page.getByText("by PIN and this tablet's authenticator")).toBeVisible();
    await page.getByRole("button", { name: "Lock, or change person" }).click();
    await signIn(page, "Tom Bright", "2222");
    await expect(page.getByRole("heading", { name: "NM201" })).toBeVisible();
    await lock(page);
    await swapAuthenticator();
    await signIn(page);
    await expect(page.getByRole("alert").filter({ hasText: "authenticator did not answer" })).toBeVisible();
    await expect(whoAreYou(page)).toBeVisible();
  });

  it("shows its lock, the locked record, vouching and the last way in without a fault of axe, in any theme", async () => {
    const problems: string[] = [];
    const { page } = await tablet("axe");
    await signIn(page);
    await startShift(page);
    await page.getByRole("button", { name: /^Menu/ }).click();
    await page.getByRole("button", { name: "Vouch for a crewmate" }).click();
    await inspectTablet(page, "tablet-vouch", problems);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await inspectTablet(page, "tablet-locked", problems);
    await page.getByRole("button", { name: "No PIN works here" }).click();
    await inspectTablet(page, "tablet-let-in", problems);
    await page.getByRole("textbox", { name: "Device code" }).fill("DEMO-TABLET-2");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.getByRole("button", { name: "Record without signing in" }).click();
    await page.getByRole("button", { name: "Shock given" }).click();
    await inspectTablet(page, "tablet-locked-record", problems);
    await page.getByRole("button", { name: "Done, or sign in" }).click();
    await signIn(page);
    await inspectTablet(page, "tablet-home-unconfirmed", problems);
    await page.getByRole("button", { name: /author to be confirmed/ }).click();
    await expect(page.getByText("Author to be confirmed:")).toBeVisible();
    await inspectTablet(page, "tablet-confirm-author", problems);
    expect(problems).toEqual([]);
  });
});
