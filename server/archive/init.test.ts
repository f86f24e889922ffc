import { mkdtempSync, readFileSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ArchivePlaces, initArchive } from "./init.ts";
import { joinIdentity } from "./officers.ts";

const trust = "northmoor";
let folder: string;
let places: ArchivePlaces;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-init-"));
  const at = (name: string): string => join(folder, name);
  places = { base: at("base"), letterbox: at("letterbox"), standby: at("standby"), officers: at("officers") };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (...path: string[]): string => readFileSync(join(...path), "utf8").trim();
const recipientsPath = (): string => join(places.base, "keys", `${trust}.recipients`);
const sharePath = (officer: number): string => join(places.officers, `${trust}.share-${officer}`);
/** Whether what the base seals now is opened by what the standby holds, and by any two officers. */
const opens = async (): Promise<[standby: boolean, officers: boolean]> => {
  const age = new Encrypter();
  for (const recipient of text(recipientsPath()).split("\n")) age.addRecipient(recipient);
  const sealed = await age.encrypt("sealed");
  const openedBy = async (identity: string): Promise<boolean> => {
    const opener = new Decrypter();
    opener.addIdentity(identity);
    return opener.decrypt(sealed, "text").then(
      (plain) => plain === "sealed",
      () => false,
    );
  };
  const shares = [1, 3].map((officer) => text(sharePath(officer)));
  return [
    await openedBy(text(places.standby, "keys", `${trust}.identity`)),
    await openedBy(await joinIdentity(shares)),
  ];
};

test("is made once, and what is there is never overwritten", async () => {
  await initArchive(places, [trust]);
  expect(await opens()).toEqual([true, true]);
  await expect(initArchive(places, [trust])).rejects.toMatchObject({ code: "archive-there" });
});

test.each([
  ["before the shares", [1, 2, 3]],
  ["after them", []],
])("cut off %s, it goes on, and what is sealed opens with what every holder has", async (_when, lost) => {
  await initArchive(places, [trust]);
  const identity = text(places.standby, "keys", `${trust}.identity`);
  unlinkSync(recipientsPath());
  for (const officer of lost) unlinkSync(sharePath(officer));
  await initArchive(places, [trust]);
  expect(text(places.standby, "keys", `${trust}.identity`)).toBe(identity);
  expect(await opens()).toEqual([true, true]);
});

test("cut off in the midst of the shares, it says what to remove and makes nothing", async () => {
  await initArchive(places, [trust]);
  unlinkSync(recipientsPath());
  unlinkSync(sharePath(2));
  await expect(initArchive(places, [trust])).rejects.toMatchObject({ code: "some-shares" });
  expect(() => text(recipientsPath())).toThrow();
});
