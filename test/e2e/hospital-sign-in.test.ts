import type { Page } from "@playwright/test";
import { beforeAll, describe, it } from "vitest";
import { breakGlassCodes } from "#server/identity/demonstration-roster.ts";
import { personCodeId } from "#server/identity/person-codes.ts";
import { viewports } from "../browser.ts";
import { controlLogOf, destination, enrolTestDevice, incident, push, runOf, southgate, testChain } from "../devices.ts";
import { useProvider, useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { doctor, enrolScreen, nurse, signInAtScreen } from "./hospital-steps.ts";
import { violationsOf } from "./inspect.ts";
import { authenticatorOf } from "./virtual-authenticator.ts";

const provider = useProvider();
const server = useServer(() => ({ settings: provider.settings }));
const { open } = useBrowsers("sign-in");
/** Of the patient who is on the way. */
const name = "DEMO-BOARD";

beforeAll(async () => {
  const tablet = await enrolTestDevice(server, "crew");
  const patient = { kind: "patient", body: { givenName: "Testa", familyName: name, identity: "stated" } };
  const prealert = { kind: "prealert", body: { site: southgate, concern: "Chest pain" } };
  await push(server, tablet, await runOf(tablet, testChain(), incident, patient, destination(southgate), prealert));
});

const screen = async (name: string): Promise<Page> => {
  const { page } = await open(name, viewports.desktop);
  await enrolScreen(page, server.addresses.hospital);
  return page;
};

const dialog = (page: Page) => page.getByRole("dialog");
const signedInAs = (page: Page, name: string) => page.getByRole("button", { name: new RegExp(`^${name}, `) });
const askToSignIn = (page: Page) => page.getByRole("button", { name: "Sign in", exact: true }).first().click();
const signOut = async (page: Page) => {
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
};

describe("a screen on the wall", () => {
  it("shows who is coming without a name, and opens no patient for nobody", async () => {
    const page = await screen("wall");
    const answers: string[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/arrivals/v1"))
        void response.text().then(
          (text) => answers.push(text),
          () => {},
        );
    });
    await expect(page.getByRole("link", { name: "Chest pain" })).toBeVisible();
    await expect(page.getByText(name)).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole("link", { name: "Chest pain" })).toBeVisible();
    await expect.poll(() => answers.length).toBeGreaterThanOrEqual(2);
    expect(answers.filter((text) => text.includes(name))).toEqual([]);

    await page.getByRole("link", { name: "Chest pain" }).click();
    await expect(page.getByRole("heading", { name: "Sign in to open this patient" })).toBeVisible();
    await expect(page.getByText(name)).toHaveCount(0);
    await page.getByRole("link", { name: "Arrivals" }).click();
    await page.getByRole("button", { name: /^Accept / }).click();
    await expect(dialog(page).getByRole("button", { name: "Use your passkey" })).toBeVisible();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press("Escape");

    // With a person the same screen opens the same patient, and without one again no more.
    await signInAtScreen(page, server, nurse);
    await page.getByRole("link", { name: "Chest pain" }).click();
    await expect(page.getByRole("heading", { name: new RegExp(name) })).toBeVisible();
    await signOut(page);
    await expect(page.getByRole("heading", { name: "Sign in to open this patient" })).toBeVisible();
    await expect(page.getByText(name)).toHaveCount(0);
  });
});

describe("signing in", () => {
  it("with the organisation's provider, at both trusts in one go, then with a passkey when the provider is stopped", async () => {
    const page = await screen("provider");
    await authenticatorOf(page);
    await askToSignIn(page);
    await page.getByRole("button", { name: "Sign in with Demonstration provider" }).click();

    // The provider's page, by keyboard.
    await expect(page.getByRole("note")).toContainText("Demonstration");
    expect(await violationsOf(page)).toEqual([]);
    const choose = async (code: string) => {
      await page.getByRole("combobox", { name: "Person" }).focus();
      await page.keyboard.type("Femi");
      await page.keyboard.press("Tab");
      await page.keyboard.type(code);
      await page.keyboard.press("Enter");
    };
    const code = (await page.locator(".code").textContent()) ?? "";
    await choose("000000");
    await expect(page.getByRole("alert")).toContainText("not the code");
    await choose(code);
    // Somebody whom the provider alone vouches for is offered a passkey, and may go on without.
    await expect(page.getByRole("heading", { name: "You have no passkey yet" })).toBeVisible();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Not now" }).click();
    await expect(signedInAs(page, doctor.name)).toBeVisible();
    await expect(page.getByRole("button", { name: /too$/ })).toHaveCount(0);
    await expect(page.getByText(name)).toBeVisible();
    expect(page.url()).not.toContain("code=");

    await signedInAs(page, doctor.name).click();
    await dialog(page).getByRole("button", { name: "Make a passkey" }).click();
    await expect(dialog(page).getByRole("status")).toContainText("Your passkey is made");
    await page.keyboard.press("Escape");
    await page.reload();
    await expect(signedInAs(page, doctor.name)).toBeVisible();

    await signOut(page);
    await expect(page.getByText(name)).toHaveCount(0);
    await dialog(page).getByRole("link", { name: "Sign out there too" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Southgate ED arrivals" })).toBeVisible();

    // Cut off.
    await provider.close();
    await askToSignIn(page);
    await page.getByRole("button", { name: "Sign in with Demonstration provider" }).click();
    await expect(dialog(page).getByRole("alert")).toContainText("Demonstration provider does not answer");
    await page.getByRole("button", { name: "Use your passkey" }).click();
    await expect(signedInAs(page, doctor.name)).toBeVisible();
    await expect(page.getByText(name)).toBeVisible();
  });

  it("lets nobody in whose finger is not known, and says what to do", async () => {
    const page = await screen("finger");
    const authenticator = await authenticatorOf(page);
    await authenticator.give(server, doctor.userId);
    await authenticator.setVerified(false);
    await askToSignIn(page);
    await page.getByRole("button", { name: "Use your passkey" }).click();
    await expect(dialog(page).getByRole("alert")).toContainText("No passkey was used");
    await authenticator.setVerified(true);
    await page.getByRole("button", { name: "Use your passkey" }).click();
    await expect(signedInAs(page, doctor.name)).toBeVisible();
  });

  it("with the desk's code, which makes the first passkey", async () => {
    const page = await screen("code");
    await authenticatorOf(page);
    const log = controlLogOf(server);
    const state = { userId: doctor.userId, expiresAt: new Date(Date.now() + 600_000).toISOString() };
    await log.append([{ kind: "enrolment-code", id: personCodeId("passkey", "FIRST-KEY"), state, by: {} }]);
    await askToSignIn(page);
    await page.getByText("I have a code from the desk").click();
    await page.getByRole("textbox", { name: "Code from the desk" }).fill("first-key");
    await page.getByRole("button", { name: "Make a passkey and sign in" }).click();
    // Westvale's desk gave no code: it is said, and the board goes on with the one that did.
    await expect(signedInAs(page, doctor.name)).toBeVisible();
    await expect(page.getByText(name)).toBeVisible();
  });

  it("with a sealed account at once, for a reason", async () => {
    const page = await screen("sealed");
    await askToSignIn(page);
    await page.getByText("Nobody can sign in: open a sealed account").click();
    await page.getByRole("textbox", { name: "Printed code" }).fill(breakGlassCodes[1]!);
    await page.getByRole("textbox", { name: "Why it is opened" }).fill("no passkey works");
    await page.getByRole("button", { name: "Open the sealed account" }).click();
    await expect(signedInAs(page, "Sealed account 2")).toBeVisible();
    await page.getByRole("link", { name: "Chest pain" }).click();
    await expect(page.getByRole("heading", { name: new RegExp(name) })).toBeVisible();
  });

  it("ends by itself where nobody touched the screen for a quarter of an hour", async () => {
    const page = await screen("idle");
    await page.clock.install();
    await signInAtScreen(page, server, nurse);
    await page.clock.fastForward("14:00");
    await page.mouse.move(100, 100);
    await page.clock.fastForward("14:00");
    await expect(signedInAs(page, nurse.name)).toBeVisible();
    await page.clock.fastForward("01:30");
    await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
  });

  it("ends where the desk ends it: the names go, and the board goes on", async () => {
    const page = await screen("ended");
    await signInAtScreen(page, server, nurse);
    await expect(page.getByText(name)).toBeVisible();
    for (const cell of server.cells.values()) await cell.sessions.end({ userId: nurse.userId }, "ended-at-desk");
    await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
    await expect(page.getByText(name)).toHaveCount(0);
    await expect(page.getByRole("link", { name: "Chest pain" })).toBeVisible();
  });
});
