export interface WriteLock {
  taken: boolean;
  /** Resolves when this tab holds the lock. */
  whenTaken: Promise<void>;
  release(): void;
}

/**
 * One tab writes: two replicas on one store would give one place in a chain to two entries. The browser frees the lock
 * when a tab closes or crashes.
 */
export const takeWriteLock = async (name: string): Promise<WriteLock> => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let tellTaken = () => {};
  const whenTaken = new Promise<void>((resolve) => {
    tellTaken = resolve;
  });
  const hold = () => {
    tellTaken();
    return held;
  };
  const lockName = `holdfast-write ${name}`;
  const taken = await new Promise<boolean>((resolve) => {
    void navigator.locks.request(lockName, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : hold();
    });
  });
  if (!taken) void navigator.locks.request(lockName, hold);
  return { taken, whenTaken, release };
};
