import { randomBytes } from "node:crypto";
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { beforeAll, describe, expect, test } from "vitest";
import { decryptAge, encryptToAge } from "./age-file.ts";

const chunk = 65_536;
/** Nothing, less than a chunk, a chunk's end from both sides, and chunks that are counted past a byte. */
const lengths = [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 300 * chunk + 7];
let [identity, other, stranger] = ["", "", ""];
let recipients: string[] = [];
beforeAll(async () => {
  [identity, other, stranger] = [await generateIdentity(), await generateIdentity(), await generateIdentity()];
  recipients = await Promise.all([identity, other].map((each) => identityToRecipient(each)));
});

describe("an age file", () => {
  test.each(lengths)("of %i bytes is opened by the library, by each of whom it was sealed to", async (length) => {
    const plain = randomBytes(length);
    const file = await encryptToAge(plain, recipients);
    for (const each of [identity, other]) {
      const age = new Decrypter();
      age.addIdentity(each);
      expect(plain.equals(await age.decrypt(file))).toBe(true);
    }
  });

  test.each(lengths)("of %i bytes that the library sealed is opened here", async (length) => {
    const plain = randomBytes(length);
    const age = new Encrypter();
    for (const recipient of recipients) age.addRecipient(recipient);
    const file = Buffer.from(await age.encrypt(plain));
    expect(plain.equals(await decryptAge(file, other))).toBe(true);
  });

  test("is opened by nobody else", async () => {
    const file = await encryptToAge(randomBytes(10), recipients);
    await expect(decryptAge(file, stranger)).rejects.toThrow("no identity matched");
  });

  test("that is torn, changed or put in another order is opened by nobody", async () => {
    const file = await encryptToAge(randomBytes(3 * chunk), recipients);
    const payload = file.length - 3 * (chunk + 16);
    const chunkAt = (n: number) => file.subarray(payload + n * (chunk + 16), payload + (n + 1) * (chunk + 16));
    const head = file.subarray(0, payload);
    const changed = (at: number) => {
      const copy = Buffer.from(file);
      copy[at]! ^= 1;
      return copy;
    };
    const wrong = {
      "without its end": file.subarray(0, -1),
      "without its last chunk": file.subarray(0, -(chunk + 16)),
      "without a chunk": Buffer.concat([head, chunkAt(0), chunkAt(2)]),
      "with a chunk twice": Buffer.concat([head, chunkAt(0), chunkAt(0), chunkAt(1), chunkAt(2)]),
      "with two chunks exchanged": Buffer.concat([head, chunkAt(1), chunkAt(0), chunkAt(2)]),
      "with something behind it": Buffer.concat([file, Buffer.alloc(16)]),
      "without a payload": head,
      "without a nonce": head.subarray(0, -16),
      "with another nonce": changed(payload - 1),
      "with another header": changed(payload - 16 - 3),
      "with another byte": changed(payload + 100),
      "with another tag": changed(file.length - 1),
      "with nothing at all": Buffer.alloc(0),
    };
    for (const [what, bytes] of Object.entries(wrong))
      await expect(decryptAge(bytes, identity), what).rejects.toThrow();
    expect(await decryptAge(file, identity)).toHaveLength(3 * chunk);
  });

  test("never uses a key again: the same bytes are sealed differently each time", async () => {
    const plain = Buffer.alloc(100);
    const [one, two] = [await encryptToAge(plain, recipients), await encryptToAge(plain, recipients)];
    expect(one.subarray(-116).equals(two.subarray(-116))).toBe(false);
  });
});
