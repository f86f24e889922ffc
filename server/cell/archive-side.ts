import type { RecentLines } from "../archive/recent-lines.ts";
import type { PokeBus } from "../live/poke-bus.ts";
import type { OutageLister } from "../outages/open-lister.ts";
import type { ZonePools } from "../postgres/zone-pools.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { openTimeline, type TimelineReader } from "../timeline/open-timeline.ts";
import type { Prover } from "../verify/open-prover.ts";
import type { CellParts } from "./cell-parts.ts";

/** What a cell does with its archive, and what reads all three logs beside it. */
export interface ArchiveSide {
  prover: Prover;
  outages: OutageLister;
  timeline: TimelineReader;
}

export interface ArchiveSideParts extends CellParts {
  /** Where the letterbox answers. */
  letterbox: string;
  recentLines: RecentLines;
  keyRing: KeyRing;
  pools: ZonePools;
  bus: PokeBus;
  /** The officers made another server the base. */
  onClosed(): void;
  /** What closes each thing that was opened, in order; what is opened here is added. */
  opened: (() => Promise<void>)[];
}

/** Each part is loaded here, where it is used: the libraries that seal are no small part of an idle server. */
export const openArchiveSide = async (parts: ArchiveSideParts): Promise<ArchiveSide> => {
  const { cluster, keyRing, pools } = parts;
  const { archive: pool, identity } = pools;
  const url = () => cluster.url(parts.trust.trust, "archive");
  const [{ openArchiver }, { openProver }, { openLister }] = await Promise.all([
    import("../archive/open-archiver.ts"),
    import("../verify/open-prover.ts"),
    import("../outages/open-lister.ts"),
  ]);
  const archiver = await openArchiver({ ...parts, pool });
  parts.opened.push(archiver.close);
  parts.bus.on("found", archiver.again);
  const prover = await openProver({ ...parts, url, pool, identity });
  parts.opened.push(prover.close);
  return {
    prover,
    outages: openLister({ url, pool, identity, keyRing }),
    timeline: openTimeline(url, keyRing),
  };
};
