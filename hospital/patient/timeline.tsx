import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import { coSignText } from "#domain/co-signature/words.ts";
import { lineText } from "#domain/entry/compose.ts";
import { struckWhy, timelineLines } from "#domain/entry/struck.ts";
import type { Change } from "#domain/handover/seen.ts";
import { readBody } from "#domain/kinds.ts";
import type { CareRecord, RecordLine } from "#domain/record.ts";
import { Icon, type IconName } from "#ui/icons.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { AwaitingChip } from "./awaiting-chip.tsx";

interface TimelineProps {
  record: CareRecord;
  nowMs: number;
  /** What is new to whoever accepted, by entry id. */
  changes: ReadonlyMap<string, Change["change"]>;
}

/** Everything that was written, newest first. Struck stays readable; an amended line carries its earlier versions. */
export const Timeline = ({ record, nowMs, changes }: TimelineProps) => {
  const lines = timelineLines(record).reverse();
  const slips = lines.filter((line) => line.slip);
  return (
    <section className="card" aria-labelledby="timeline">
      <h2 id="timeline">
        Timeline <span className="grow" /> newest first
      </h2>
      <ol className="timeline">
        {lines
          .filter((line) => !line.slip)
          .map((line) => (
            <TimelineLine
              key={line.entry.id}
              line={line}
              record={record}
              nowMs={nowMs}
              change={changes.get(line.entry.id)}
            />
          ))}
      </ol>
      {slips.length > 0 && (
        <details className="padded">
          <summary>Undone at once: {slips.length}</summary>
          <ol className="timeline">
            {slips.map((line) => (
              <TimelineLine key={line.entry.id} line={line} record={record} nowMs={nowMs} change={undefined} />
            ))}
          </ol>
        </details>
      )}
    </section>
  );
};

const icons: Record<string, IconName> = {
  observations: "obs",
  ecg: "ecg",
  drug: "drug",
  note: "note",
  event: "note",
  milestone: "milestone",
  incident: "milestone",
  destination: "handover",
  prealert: "prealert",
  handover: "handover",
  acceptance: "check",
  place: "place",
  patient: "person",
  presentation: "story",
  allergies: "warning",
};

const changeWords: Record<Change["change"], string> = {
  added: "Added since",
  amended: "Amended since",
  struck: "Struck since",
  restored: "Put back since",
};

interface LineProps {
  line: RecordLine;
  record: CareRecord;
  nowMs: number;
  change: Change["change"] | undefined;
}

const TimelineLine = ({ line, record, nowMs, change }: LineProps) => {
  const { title, detail } = lineText(line, record);
  const { entry } = line;
  return (
    <li className={line.state === "struck" ? "struck" : undefined} data-changed={change}>
      <time dateTime={entry.occurredAt}>{clockTimeSeenFrom(entry.occurredAt, nowMs)}</time>
      <span className="entry-icon">
        <Icon name={icons[entry.kind] ?? "more"} size={20} />
      </span>
      <div>
        <div className="entry-title">
          {line.state === "struck" ? <s>{title}</s> : title}
          {change && <span className="chip wait">▲ {changeWords[change]}</span>}
          <AwaitingChip line={line} />
          {line.disagrees && <span className="chip wait">▲ Two versions stand</span>}
        </div>
        {detail && <div className="sub">{line.state === "struck" ? <s>{detail}</s> : detail}</div>}
        {line.struckBy && (
          <div className="sub">
            Struck {clockTimeSeenFrom(line.struckBy.occurredAt, nowMs)} by {line.struckBy.author.name}:{" "}
            {struckWhy(line.struckBy)}
          </div>
        )}
        <div className="sub">
          {entry.author.name}, {entry.author.role}
          {line.coSign !== undefined && !awaitsCoSign(line) && ` · ${coSignText(line)}`}
        </div>
        {line.history.length > 0 && <History line={line} record={record} nowMs={nowMs} />}
      </div>
    </li>
  );
};

const History = ({ line, record, nowMs }: Omit<LineProps, "change">) => (
  <details>
    <summary className="sub">
      Amended {clockTimeSeenFrom(line.entry.recorded.clock, nowMs)}
      {line.entry.ref?.reason && `: ${line.entry.ref.reason}`}. Earlier: {line.history.length}
    </summary>
    <ul className="history">
      {line.history.map((version) => {
        const said = lineText({ ...line, entry: version, known: readBody(version) }, record);
        return (
          <li key={version.id} className="sub">
            {clockTimeSeenFrom(version.occurredAt, nowMs)} {said.title} {said.detail && `· ${said.detail}`},{" "}
            {version.author.name}
          </li>
        );
      })}
    </ul>
  </details>
);
