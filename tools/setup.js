// Makes a fresh clone ready, on a machine that has only Node 20 or newer and npm. Plain JavaScript, because nothing is
// installed yet. With --with-chromium it also sees to what the tests need from the operating system.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const say = (text) => console.log(`setup: ${text}`);
const fail = (text) => {
  console.error(`setup: ${text}`);
  process.exit(1);
};
const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: "inherit", ...options }).status === 0;

if (Number(process.versions.node.split(".")[0]) < 20)
  fail(`Node ${process.versions.node} is too old: install Node 20 or newer.`);

const installed = join(root, "node_modules", ".package-lock.json");
const lock = join(root, "package-lock.json");
/** npm writes its own copy of the lock file last, so a copy that is older means an install that is missing or stopped. */
const isInstalled = () => existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;

if (!isInstalled()) {
  say("installing the packages of package-lock.json (a minute or so) …");
  // Not `npm ci`: it refuses a lock file that lacks another platform's optional binaries, and a mirror may not hold them.
  // Versions and integrity hashes are the lock file's all the same, and --no-save leaves it as it is.
  if (!run("npm", ["install", "--no-save", "--no-fund", "--no-audit", "--loglevel=error"]))
    fail("npm install failed. Check that the npm registry can be reached, then run the same command again.");
}

const nodeBinary = join(root, "node_modules", ".bin", "node");
const pinned = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies.node;
if (spawnSync(nodeBinary, ["--version"], { encoding: "utf8" }).stdout?.trim() !== `v${pinned}`)
  fail(
    `Node ${pinned} did not install for ${process.platform}-${process.arch}. Delete node_modules and run the same command again.`,
  );

if (process.argv.includes("--with-chromium")) {
  const chromium = process.env.HOLDFAST_CHROMIUM ?? "/usr/bin/chromium";
  const needs = [
    ["chromium", chromium, "real-browser tests"],
    ["xfsprogs", "/usr/sbin/xfs_io", "simulated power cuts"],
    ["poppler-utils", "/usr/bin/pdftotext", "reading the printed page back"],
    ["postgresql-15", "/usr/lib/postgresql/15/bin/postgres", "the oldest supported PostgreSQL"],
  ].filter(([, path]) => !existsSync(path));
  const packages = needs.map(([name]) => name);
  if (packages.length > 0) {
    const canInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
    const quiet = {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "ignore", "inherit"],
    };
    if (canInstall) {
      say(`installing ${packages.join(", ")} from Debian's packages …`);
      run("apt-get", ["update", "-qq"], quiet);
      run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], quiet);
    }
    for (const [name, path, what] of needs)
      if (!existsSync(path)) say(`${path} is missing, needed for ${what}. On Debian: sudo apt-get install ${name}`);
    if (!existsSync(chromium)) fail("tests need Chromium: install it, or set HOLDFAST_CHROMIUM to its path.");
  }
}
