import { hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What of the project's folder is the program: its parts, and the web apps as they were built. */
const parts = [
  "client",
  "control",
  "defence",
  "demo",
  "dist",
  "domain",
  "hospital",
  "monitoring",
  "package-lock.json",
  "package.json",
  "protocol",
  "server",
  "sharing",
  "sync",
  "tablet",
  "tools",
  "ui",
  "verifier",
];

/** SHA-256 of each of the program's files as they lie there now, as `sha256sum -c` reads it. */
export const programFiles = (root: string): string =>
  parts
    .flatMap((part) => filesIn(root, part))
    .map((path) => `${hash("sha256", readFileSync(join(root, path)))}  ${path}\n`)
    .join("");

const filesIn = (root: string, part: string): string[] => {
  const path = join(root, part);
  if (!existsSync(path)) return [];
  if (part.includes(".")) return [part];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => relative(root, join(each.parentPath, each.name)))
    .sort();
};
