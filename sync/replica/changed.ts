import type { HashText } from "../ports.ts";
import type { HeldEntry } from "../store.ts";

const rememberedMax = 5_000;

/** Tells whether a held entry's bytes are still those that were hashed, without hashing the same string twice. */
export class ChangedTexts {
  private readonly hash: HashText;
  private readonly sound = new Map<string, string>();

  constructor(hash: HashText) {
    this.hash = hash;
  }

  async isSound(entry: Pick<HeldEntry, "hash" | "text">): Promise<boolean> {
    if (this.sound.get(entry.hash) === entry.text) return true;
    if ((await this.hash(entry.text)) !== entry.hash) return false;
    if (this.sound.size >= rememberedMax) this.sound.clear();
    this.sound.set(entry.hash, entry.text);
    return true;
  }
}
