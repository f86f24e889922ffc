import { hash, type KeyObject } from "node:crypto";
import { signedManifest } from "#server/evidence/manifest.ts";
import { tarHeader } from "#server/evidence/tar.ts";

/** Files of an evidence pack in their order, the manifest last. */
export type PackFiles = Map<string, Buffer>;

export const readPack = (pack: Buffer): PackFiles => {
  const files: PackFiles = new Map();
  for (let at = 0; pack[at] !== 0; ) {
    const name = pack.toString("latin1", at, pack.indexOf(0, at));
    const bytes = Number.parseInt(pack.toString("latin1", at + 124, at + 135), 8);
    files.set(name, pack.subarray(at + 512, at + 512 + bytes));
    at += 512 * (1 + Math.ceil(bytes / 512));
  }
  return files;
};

export const packOf = (files: PackFiles): Buffer => {
  const parts = [...files].flatMap(([name, bytes]) => [
    tarHeader(name, bytes.length),
    bytes,
    Buffer.alloc((512 - (bytes.length % 512)) % 512),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(1_024)]);
};

/** The files under a manifest of their own, signed with any key. */
export const signedAgain = (files: PackFiles, trust: string, key: KeyObject): PackFiles => {
  const { made } = /^made (?<made>\S+)$/m.exec(files.get("MANIFEST")!.toString())!.groups!;
  const all = new Map(files);
  all.delete("MANIFEST");
  const list = [...all].map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: hash("sha256", bytes) }));
  return all.set("MANIFEST", Buffer.from(signedManifest({ trust, made: made!, files: list }, key)));
};
