import { memo, useCallback, useRef, useState } from "react";
import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import { coSignText } from "#domain/co-signature/words.ts";
import { lineText } from "#domain/entry/compose.ts";
import { struckWhy, timelineLines } from "#domain/entry/struck.ts";
import type { CareRecord, RecordLine } from "#domain/record.ts";
import type { HeldState } from "#sync/store.ts";
import { Icon, type IconName } from "#ui/icons.tsx";
import { type EntryPlace, StateMark } from "#ui/state-mark.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { iconOf } from "./entry-icon.ts";
import { whereItIs } from "./entry-place.ts";

/** A tap must paint in 50 ms however long the record is; what is older is one tap away. */
const linesAtFirst = 60;

/** All that was written, newest first. What was superseded is in its entry's history; what was undone at once is folded away. */
export const Timeline = ({ nowMs, onOpen }: { nowMs: number; onOpen: (line: RecordLine) => void }) => {
  const { record, states, archived } = useSession();
  const [shown, setShown] = useState(linesAtFirst);
  const lines = timelineLines(record)
    .filter((line) => !line.slip)
    .reverse();
  const newest = useRef({ lines, onOpen });
  newest.current = { lines, onOpen };
  const open = useCallback((entryId: string) => {
    const line = newest.current.lines.find(({ entry }) => entry.id === entryId);
    if (line) newest.current.onOpen(line);
  }, []);
  return (
    <section className="card timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">
        Timeline <span className="grow" /> newest first
      </h2>
      <ol>
        {lines.slice(0, shown).map((line) => (
          <TimelineEntry key={line.entry.id} {...lookOf(line, record, states, archived, nowMs)} onOpen={open} />
        ))}
        {lines.length > shown ? (
          <li>
            <button type="button" className="btn earlier" onClick={() => setShown(lines.length)}>
              Show {lines.length - shown} earlier entries
            </button>
          </li>
        ) : null}
      </ol>
    </section>
  );
};

/** What an entry shows, in plain values: one that looks the same is not drawn again, however often the record moves. */
interface EntryLook {
  entryId: string;
  at: string;
  atWords: string;
  icon: IconName;
  title: string;
  detail: string;
  author: string;
  amended: string;
  struck: boolean;
  struckWords: string;
  coSign: string;
  awaitsCoSign: boolean;
  disagrees: boolean;
  place: EntryPlace;
  placeWords: string;
  keptAside: boolean;
  lacksBase: boolean;
}

const lookOf = (
  line: RecordLine,
  record: CareRecord,
  states: ReadonlyMap<string, HeldState>,
  archived: ReadonlySet<string>,
  nowMs: number,
): EntryLook => {
  const { entry, struckBy } = line;
  // Of a struck line the strike is what must arrive.
  const said = struckBy ?? entry;
  const { place, words, keptAside, lacksBase } = whereItIs(record, said, states.get(said.id), archived.has(said.id));
  const struck = line.state === "struck";
  return {
    entryId: entry.id,
    at: entry.occurredAt,
    atWords: clockTimeSeenFrom(entry.occurredAt, nowMs),
    icon: iconOf(line),
    ...lineText(line, record),
    author: entry.author.name,
    amended: amendedWords(line.history.length),
    struck,
    struckWords: struck
      ? `Struck ${clockTimeSeenFrom(struckBy!.occurredAt, nowMs)} by ${struckBy!.author.name}: ${struckWhy(struckBy!)}`
      : "",
    coSign: coSignText(line),
    awaitsCoSign: awaitsCoSign(line),
    disagrees: line.disagrees,
    place,
    placeWords: words,
    keptAside,
    lacksBase,
  };
};

const TimelineEntry = memo((look: EntryLook & { onOpen: (entryId: string) => void }) => {
  const { struck, detail, place, placeWords, keptAside, onOpen } = look;
  return (
    <li>
      <button type="button" className={struck ? "entry struck" : "entry"} onClick={() => onOpen(look.entryId)}>
        <time dateTime={look.at}>{look.atWords}</time>
        <span className="ic">
          <Icon name={look.icon} size={24} />
        </span>
        <span className="text">
          <span className="what">
            {struck ? <span className="words-only">Struck: </span> : null}
            {look.title}
          </span>
          {struck ? (
            <>
              {detail === "" ? null : <span className="vals">{detail}</span>}
              <span className="vals plain">
                {look.struckWords}
                <CoSignWords words={look.coSign} awaits={look.awaitsCoSign} />
              </span>
            </>
          ) : (
            <span className="vals">
              {[detail, look.author, look.amended].filter(Boolean).join(" · ")}
              <CoSignWords words={look.coSign} awaits={look.awaitsCoSign} />
              {look.disagrees ? <b className="flag"> · ! two versions stand</b> : null}
              {keptAside ? <b className="flag"> · ! {placeWords || "kept aside at the base"}</b> : null}
              {look.lacksBase ? <b className="flag"> · ! not yet at the base</b> : null}
              {place === "seen" ? <b className="seen"> · {placeWords}</b> : null}
            </span>
          )}
        </span>
        <StateMark state={place} withWords />
      </button>
    </li>
  );
});

const CoSignWords = ({ words, awaits }: { words: string; awaits: boolean }) => {
  if (words === "") return null;
  return awaits ? <b className="flag"> · {words}</b> : <> · {words}</>;
};

const amendedWords = (times: number): string =>
  times === 0 ? "" : times === 1 ? "amended once" : `amended ${times} times`;
