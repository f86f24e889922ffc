import { useState } from "react";
import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import { coSignText } from "#domain/co-signature/words.ts";
import { lineText } from "#domain/entry/compose.ts";
import { struckWhy, timelineLines } from "#domain/entry/struck.ts";
import type { RecordLine } from "#domain/record.ts";
import { Icon } from "#ui/icons.tsx";
import { StateMark } from "#ui/state-mark.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { iconOf } from "./entry-icon.ts";
import { whereItIs } from "./entry-place.ts";

/** A tap must paint in 50 ms however long the record is; what is older is one tap away. */
const linesAtFirst = 60;

/** All that was written, newest first. What was superseded is in its entry's history; what was undone at once is folded away. */
export const Timeline = ({ nowMs, onOpen }: { nowMs: number; onOpen: (line: RecordLine) => void }) => {
  const { record } = useSession();
  const [shown, setShown] = useState(linesAtFirst);
  const lines = timelineLines(record)
    .filter((line) => !line.slip)
    .reverse();
  return (
    <section className="card timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">
        Timeline <span className="grow" /> newest first
      </h2>
      <ol>
        {lines.slice(0, shown).map((line) => (
          <TimelineEntry key={line.entry.id} line={line} nowMs={nowMs} onOpen={onOpen} />
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

interface TimelineEntryProps {
  line: RecordLine;
  nowMs: number;
  onOpen: (line: RecordLine) => void;
}
const TimelineEntry = ({ line, nowMs, onOpen }: TimelineEntryProps) => {
  const { record, states } = useSession();
  const { entry } = line;
  const { title, detail } = lineText(line, record);
  // Of a struck line the strike is what must arrive.
  const said = line.struckBy ?? entry;
  const { place, words, keptAside } = whereItIs(record, said, states.get(said.id));
  const struck = line.state === "struck";
  return (
    <li>
      <button type="button" className={struck ? "entry struck" : "entry"} onClick={() => onOpen(line)}>
        <time dateTime={entry.occurredAt}>{clockTimeSeenFrom(entry.occurredAt, nowMs)}</time>
        <span className="ic">
          <Icon name={iconOf(line)} size={24} />
        </span>
        <span className="text">
          <span className="what">
            {struck ? <span className="words-only">Struck: </span> : null}
            {title}
          </span>
          {struck ? (
            <>
              {detail === "" ? null : <span className="vals">{detail}</span>}
              <span className="vals plain">
                Struck {clockTimeSeenFrom(line.struckBy!.occurredAt, nowMs)} by {line.struckBy!.author.name}:{" "}
                {struckWhy(line.struckBy!)}
                <CoSignWords line={line} />
              </span>
            </>
          ) : (
            <span className="vals">
              {[detail, entry.author.name, amendedWords(line.history.length)].filter(Boolean).join(" · ")}
              <CoSignWords line={line} />
              {line.disagrees ? <b className="flag"> · ! two versions stand</b> : null}
              {keptAside ? <b className="flag"> · ! {words || "kept aside at the base"}</b> : null}
              {place === "seen" ? <b className="seen"> · {words}</b> : null}
            </span>
          )}
        </span>
        <StateMark state={place} withWords />
      </button>
    </li>
  );
};

const CoSignWords = ({ line }: { line: RecordLine }) => {
  const words = coSignText(line);
  if (words === "") return null;
  return awaitsCoSign(line) ? <b className="flag"> · {words}</b> : <> · {words}</>;
};

const amendedWords = (times: number): string =>
  times === 0 ? "" : times === 1 ? "amended once" : `amended ${times} times`;
