import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Decrypter } from "age-encryption";
import { openLogKey } from "#server/archive/log-key.ts";
import { readSegment, type SegmentHeader, sealSegment } from "#server/archive/segment.ts";
import { newOpening, officerText, withSignature } from "#server/epochs/opening.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { existingSecret } from "#server/secrets.ts";
import { attacked, other } from "../places.ts";
import type { SceneNotes } from "../scene.ts";
import type { Stage } from "../stage.ts";

interface Attempt {
  /** Of which kind it is. */
  kind: string;
  method: string;
  path: string;
  body?: Buffer | string;
}

/** Everything that the base held is in a thief's hands, and the letterbox can be reached: what is in the archive stays and stays shut. */
export const theft = async (stage: Stage, notes: SceneNotes, operatorToken: string): Promise<void> => {
  const { places, letterboxAddress } = stage;
  const stolen = existingSecret(join(places.copy, "secrets", "letterbox"));
  const before = await filesIn(join(places.letterbox, "segments"));
  const attempts = await attemptsOf(stage);
  let read = 0;
  for (const secret of [stolen, operatorToken])
    for (const { method, path, body } of attempts) {
      const answer = await fetch(`${letterboxAddress}/letterbox/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${secret}`, "content-type": typeOf(body) },
        ...(body !== undefined && { body: typeof body === "string" ? body : new Uint8Array(body) }),
      });
      if (before.hashes.has(hashOf(Buffer.from(await answer.arrayBuffer())))) read += 1;
    }
  const opened = await openedWithKeys(stage);
  const after = await filesIn(join(places.letterbox, "segments"));
  const changed = [...before.byPath].filter(([path, hash]) => after.byPath.get(path) !== hash).length;
  // The other trust's base goes on archiving meanwhile.
  const added = [...after.byPath.keys()].filter((path) => path.includes(attacked) && !before.byPath.has(path)).length;
  notes.figure("kinds of attempts", new Set(attempts.map(({ kind }) => kind)).size + 1, "attempts");
  notes.figure("attempts", attempts.length * 2 + opened.tried, "attempts");
  notes.figure("that succeeded", read + changed + added + opened.opened, "attempts", 0);
  if (read > 0) notes.fault(`${read} attempts read from the archive`);
  if (changed > 0) notes.fault(`${changed} files of the archive were changed or removed`);
  if (added > 0) notes.fault(`${added} forged files were taken`);
  if (opened.opened > 0) notes.fault(`${opened.opened} of the base's keys open the archive`);
};

const typeOf = (body: Attempt["body"]): string =>
  typeof body === "string" ? "application/json" : "application/octet-stream";

const attemptsOf = async ({ archive, places }: Stage): Promise<Attempt[]> => {
  const keyRing = createKeyRing(fileTrustKey(places.copy, attacked));
  const key = openLogKey(places.copy, attacked, keyRing);
  const recipients = readFileSync(join(places.copy, "keys", `${attacked}.recipients`), "utf8")
    .trim()
    .split("\n");
  const care = `${attacked}/care`;
  const names = await archive.after(attacked, "care", 0);
  const [first, last] = [names[0]!, names.at(-1)!];
  const file = (await archive.read(attacked, "care", last))!;
  const { header } = readSegment(file);
  // Signed by the base's own log key, in every way but as the next of its log.
  const forged = async (more: Partial<SegmentHeader>): Promise<Buffer> =>
    (await sealSegment({ ...header, ...more }, Buffer.of(), recipients, key)).file;
  const post = (kind: string, body: Buffer | string, path = care): Attempt => ({ kind, method: "POST", path, body });
  const on = (kind: string, method: string, ...paths: string[]): Attempt[] =>
    paths.map((path) => ({ kind, method, path, ...(method !== "DELETE" && method !== "GET" && { body: "{}" }) }));
  const all = [care, `${care}/segments`, `${care}/segments/${first}`, `${care}/heads`, `${attacked}/blobs`, attacked];
  const adopted = { position: 0, root: createHash("sha256").digest("hex"), segment: "" as const };
  const opening = withSignature(
    newOpening({
      trust: attacked,
      epoch: 2,
      logKey: officerText(key),
      appendHash: hashOf(Buffer.from("stolen")),
      adopted: { care: adopted, access: adopted, control: adopted },
      made: new Date().toISOString(),
    }),
    key,
  );
  return [
    ...on("delete", "DELETE", ...all),
    ...on("overwrite", "PUT", ...all),
    ...on("change", "PATCH", ...all),
    ...on("rename", "MOVE", ...all),
    ...on("read", "GET", `${care}/segments`, `${care}/segments/${first}`, `${attacked}/blobs`),
    ...on("read another trust's", "GET", `${other}/care/segments`, `${other}/control/segments`),
    ...on("end the retention", "POST", `${care}/sweep`, `${care}/retention`, `${care}?keepDays=0`),
    ...on("leave the folder", "GET", `${care}/segments/..%2f..%2f..%2f..%2fsecrets%2fread`, `..%2fsecrets/care`),
    post("replay an older segment", (await archive.read(attacked, "care", first))!),
    post("begin the log again", await forged({ first: 1, last: 1, previous: "" })),
    post("replace the last segment", await forged({})),
    post("roll back", await forged({ first: header.first, last: header.last, previous: header.previous })),
    post("jump ahead", await forged({ first: header.last + 1_000, last: header.last + 1_000 })),
    post("another trust's", await forged({ trust: other })),
    post("another log's", await forged({ log: "access" })),
    post("cut short", file.subarray(0, 100)),
    post("a false head", "{}", `${care}/heads`),
    post("open an epoch", JSON.stringify(opening), `${attacked}/epochs`),
  ];
};

/** Whether anything that lay beside the base's data opens what it sealed. */
const openedWithKeys = async ({ archive, places }: Stage): Promise<{ tried: number; opened: number }> => {
  const [name] = await archive.after(attacked, "care", 0);
  const { sealed } = readSegment((await archive.read(attacked, "care", name!))!);
  const keys = ["keys", "secrets"].flatMap((folder) =>
    readdirSync(join(places.copy, folder)).flatMap((file) =>
      readFileSync(join(places.copy, folder, file), "utf8")
        .trim()
        .split("\n"),
    ),
  );
  let opened = 0;
  for (const key of keys) {
    const age = new Decrypter();
    try {
      if (key.startsWith("AGE-SECRET-KEY-")) age.addIdentity(key);
      else age.addPassphrase(key);
      await age.decrypt(sealed);
      opened += 1;
    } catch {
      // As it should be.
    }
  }
  return { tried: keys.length, opened };
};

const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

const filesIn = async (folder: string): Promise<{ byPath: Map<string, string>; hashes: Set<string> }> => {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
  const byPath = new Map<string, string>();
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    byPath.set(path, hashOf(await readFile(path)));
  }
  return { byPath, hashes: new Set(byPath.values()) };
};
