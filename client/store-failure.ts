/**
 * Why the device's store did not keep something. Whatever was being written is not saved, and must not be shown as saved.
 * `quota`: the disk or the browser's quota is full. `lost`: the browser lost its database connection, and reopening did
 * not help. `aborted`: the transaction failed, or what was read back differs. `other-tab`: another tab writes.
 * `needed`: a record that is open or not wholly at the base was to be removed.
 */
export class StoreFailure extends Error {
  readonly code: "quota" | "lost" | "aborted" | "other-tab" | "needed";
  constructor(code: StoreFailure["code"], cause?: unknown) {
    super(sayings[code], { cause });
    this.name = "StoreFailure";
    this.code = code;
  }
}

const sayings: Record<StoreFailure["code"], string> = {
  quota: "Not saved: this device is full. Send now, or keep a file.",
  lost: "Not saved: the browser lost its store. Send now, or keep a file, then reload.",
  aborted: "Not saved: the browser's store refused the write. Send now, or keep a file.",
  "other-tab": "Not saved: another tab of this browser is writing. Go on there, or close it.",
  needed: "Not removed: the base does not have all of this record yet.",
};

const quotaNames = new Set(["QuotaExceededError"]);
/** Something stands where an entry was to be added. */
const takenNames = new Set(["ConstraintError"]);
const lostNames = new Set(["DatabaseClosedError", "InvalidStateError", "UnknownError", "OpenFailedError"]);

/** Sorts what IndexedDB or Dexie rejected with; Dexie hides the browser's own error in `inner`. */
export const toStoreFailure = (error: unknown): StoreFailure => {
  if (error instanceof StoreFailure) return error;
  for (let at = error, depth = 0; at instanceof Object && depth < 5; depth++) {
    const { name, message, inner, cause } = at as { name?: string; message?: string; inner?: unknown; cause?: unknown };
    if (name !== undefined && quotaNames.has(name)) return new StoreFailure("quota", error);
    if (name !== undefined && takenNames.has(name)) return new StoreFailure("other-tab", error);
    if (name !== undefined && lostNames.has(name)) return new StoreFailure("lost", error);
    if (/connection.*(lost|clos)/i.test(message ?? "")) return new StoreFailure("lost", error);
    at = inner ?? cause;
  }
  return new StoreFailure("aborted", error);
};
