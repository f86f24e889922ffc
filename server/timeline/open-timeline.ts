import type { KeyRing } from "../sealing/key-ring.ts";
import { atOneInstant } from "../verify/at-one-instant.ts";
import { type ReadPage, readTimelinePage, type TimelinePageAsked } from "./timeline-page.ts";

/** The desk's way to the timeline, in the process that proves, which reads every line. */
export interface TimelineReader {
  /** One page at a time: the others wait, and hold up nobody who appends. */
  page(asked: TimelinePageAsked): Promise<ReadPage>;
}

/** `url`: of the archive's role, asked anew for each page. */
export const openTimeline = (url: () => string, keyRing: KeyRing): TimelineReader => {
  let last: Promise<unknown> = Promise.resolve();
  return {
    page: (asked) => {
      const read = () => atOneInstant(url(), "holdfast timeline", (client) => readTimelinePage(client, keyRing, asked));
      const page = last.then(read, read);
      last = page.catch(() => {});
      return page;
    },
  };
};
