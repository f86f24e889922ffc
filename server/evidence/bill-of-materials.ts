/** Of package-lock.json, as npm writes it since version 7. */
interface LockFile {
  name: string;
  version: string;
  packages: Record<string, LockedPackage>;
}
interface LockedPackage {
  version?: string;
  /** `sha512-` and base64, as published. */
  integrity?: string;
  license?: string;
  /** Used to build or to test alone. */
  dev?: boolean;
  optional?: boolean;
  /** A folder of the project itself. */
  link?: boolean;
}

/** Every package that the program is made with, as CycloneDX 1.6 (ECMA-424): the same text for the same lock file. */
export const billOfMaterials = (lockText: string): string => {
  const { name, version, packages } = JSON.parse(lockText) as LockFile;
  const components = new Map<string, object>();
  for (const [path, locked] of Object.entries(packages)) {
    if (path === "" || locked.link === true || locked.version === undefined) continue;
    const component = componentOf(path.slice(path.lastIndexOf(folder) + folder.length), locked.version, locked);
    // The same package in two places is one.
    components.set(component.purl, components.get(component.purl) ?? component);
  }
  const sorted = [...components].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, component]) => component);
  const about = { component: { type: "application", "bom-ref": name, name, version } };
  return json({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, metadata: about, components: sorted });
};

const folder = "node_modules/";
const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

const componentOf = (fullName: string, version: string, { integrity, license, dev, optional }: LockedPackage) => {
  const purl = `pkg:npm/${fullName.replace("@", "%40")}@${version}`;
  const [, group, name = fullName] = /^(@[^/]+)\/(.+)$/.exec(fullName) ?? [];
  const sha512 = /^sha512-(\S+)$/.exec(integrity ?? "")?.[1];
  return {
    type: "library",
    "bom-ref": purl,
    ...(group !== undefined && { group }),
    name,
    version,
    scope: dev === true ? "excluded" : optional === true ? "optional" : "required",
    ...(sha512 !== undefined && {
      hashes: [{ alg: "SHA-512", content: Buffer.from(sha512, "base64").toString("hex") }],
    }),
    ...(license !== undefined && { licenses: [{ expression: license }] }),
    purl,
  };
};
