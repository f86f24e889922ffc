import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { ServerOptions } from "node:https";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { SetupProblem } from "../config.ts";

/** The certificates of a directory, as they are now. */
export interface Certificates {
  /** For node:https: TLS 1.3 and nothing older, the certificate chosen by the host name that the client asks for. */
  options: ServerOptions;
  close(): void;
}

interface Pair {
  certificateFile: string;
  keyFile: string;
}
interface Loaded {
  certificate: X509Certificate;
  context: SecureContext;
}

const lookEveryMs = 5_000;

/**
 * Reads `<host>.pem` with `<host>.key`, and `<host>/fullchain.pem` with `<host>/privkey.pem` as certbot leaves them. Looks
 * again every few seconds: a renewed certificate is in use without a restart, and one that cannot be read is told to
 * `onProblem` while the old ones go on. Throws SetupProblem when there is nothing to begin with.
 */
export const openCertificates = (
  folder: string,
  onProblem: (message: string) => void,
  everyMs = lookEveryMs,
): Certificates => {
  let loaded = load(folder);
  let seen = fingerprintOf(folder);
  const timer = setInterval(() => {
    try {
      const now = fingerprintOf(folder);
      if (now === seen) return;
      // Remembered first: a broken pair is told once, and read again when somebody touches it.
      seen = now;
      loaded = load(folder);
    } catch (error) {
      onProblem((error as Error).message);
    }
  }, everyMs).unref();
  return {
    options: {
      minVersion: "TLSv1.3",
      // There is no certificate for a client that names no host, or another's: it must not be shown one of ours.
      SNICallback: (host, done) => {
        const found = loaded.find(({ certificate }) => certificate.checkHost(host) !== undefined);
        if (found === undefined) done(new Error("No certificate names this host."));
        else done(null, found.context);
      },
    },
    close: () => clearInterval(timer),
  };
};

const pairsIn = (folder: string): Pair[] =>
  readdirSync(folder, { withFileTypes: true })
    .map(({ name }): Pair => {
      const path = join(folder, name);
      return name.endsWith(".pem")
        ? { certificateFile: path, keyFile: path.replace(/\.pem$/, ".key") }
        : { certificateFile: join(path, "fullchain.pem"), keyFile: join(path, "privkey.pem") };
    })
    .filter(({ certificateFile, keyFile }) => existsSync(certificateFile) && existsSync(keyFile))
    .sort((a, b) => (a.certificateFile < b.certificateFile ? -1 : 1));

/** Changes with every file's content, also where a link is turned to another file. */
const fingerprintOf = (folder: string): string =>
  pairsIn(folder)
    .flatMap(({ certificateFile, keyFile }) => [certificateFile, keyFile])
    .map((file) => {
      const { ino, size, mtimeMs } = statSync(file);
      return `${file} ${ino} ${size} ${mtimeMs}`;
    })
    .join("\n");

const load = (folder: string): Loaded[] => {
  let pairs: Pair[];
  try {
    pairs = pairsIn(folder);
  } catch (error) {
    throw problem(`The certificates in ${folder} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  if (pairs.length === 0) throw problem(`There is no certificate with its key in ${folder}.`);
  return pairs.map(loadPair);
};

const loadPair = ({ certificateFile, keyFile }: Pair): Loaded => {
  try {
    const cert = readFileSync(certificateFile);
    const key = readFileSync(keyFile);
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error("the key is another certificate's");
    return { certificate, context: createSecureContext({ cert, key, minVersion: "TLSv1.3" }) };
  } catch (error) {
    throw problem(`The certificate ${certificateFile} cannot be used: ${(error as Error).message}.`);
  }
};

const problem = (message: string): SetupProblem =>
  new SetupProblem(
    "bad-certificate",
    message,
    "put <host>.pem (the chain) and <host>.key there, or <host>/fullchain.pem and privkey.pem, readable by this user.",
  );
