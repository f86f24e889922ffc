import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** How a word may lie on a disk: as text, as browsers keep strings, and as bytes that were written out. */
const formsOf = (word: string): Buffer[] => {
  const utf8 = Buffer.from(word);
  const hex = utf8.toString("hex");
  // Of base64 the characters that are the same wherever the word begins within a group of three bytes.
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), utf8])
      .toString("base64")
      .replace(/=+$/, "");
    return text.slice(before === 0 ? 0 : before + 1, -2);
  });
  const texts = [hex, ...base64, ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))];
  return [utf8, Buffer.from(word, "utf16le"), ...[...new Set(texts)].map((text) => Buffer.from(text))];
};

/** Of these words, those that the bytes hold in any form. */
export const wordsIn = (bytes: Buffer, words: readonly string[]): string[] =>
  words.filter((word) => formsOf(word).some((form) => bytes.includes(form)));

/** Every file below a folder that holds a word, with the words; and how many files there were. */
export const filesWithWords = (
  folder: string,
  words: readonly string[],
): { files: number; found: { file: string; words: string[] }[] } => {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    // A profile holds sockets and links of a process that has gone.
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  const found = paths.flatMap((file) => {
    const held = wordsIn(readFileSync(file), words);
    return held.length === 0 ? [] : [{ file, words: held }];
  });
  return { files: paths.length, found };
};
