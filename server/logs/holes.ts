/** Entries of a chain that are lacking: `from`…`to`, inclusive. */
export interface Hole {
  deviceId: string;
  from: number;
  to: number;
}

/** The holes below the highest n of each chain. Index 0 of a chain is unused. */
export const holesOf = (chains: ReadonlyMap<string, readonly (string | undefined)[]>): Hole[] => {
  const holes: Hole[] = [];
  for (const [deviceId, hashes] of chains) {
    let from = 0;
    for (let n = 1; n < hashes.length; n++) {
      if (hashes[n] === undefined) from ||= n;
      else if (from > 0) {
        holes.push({ deviceId, from, to: n - 1 });
        from = 0;
      }
    }
  }
  return holes;
};
