import { useState } from "react";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { HistoryDialog } from "../parts/history-dialog.tsx";
import { Instant } from "../parts/instant.tsx";
import { Scrolling } from "../parts/scrolling.tsx";
import { day, fullTime } from "../parts/words.ts";
import { CopyDialog } from "./copy-dialog.tsx";
import { DisposalDialog } from "./disposal-dialog.tsx";
import { MarksDialog, restrictionWords } from "./marks-dialog.tsx";
import type { Opened } from "./records-page.tsx";

interface RecordViewProps {
  opened: Opened;
  /** Resolves once the newer state is there. */
  onChanged: () => Promise<void>;
}

/** What the record says, line by line; a line can be marked as withheld from the next copy. */
export const RecordView = ({ opened, onChanged }: RecordViewProps) => {
  const { recordId, reason, record } = opened;
  const [withheld, setWithheld] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<"copy" | "marks" | "history" | "disposal" | null>(null);
  const toggle = (rootId: string) =>
    setWithheld(
      (before) => new Set(before.has(rootId) ? [...before].filter((id) => id !== rootId) : [...before, rootId]),
    );
  const done = () => setDoing(null);
  return (
    <div className="stack">
      <div className="row acts">
        {record.demonstration && <DemonstrationMark />}
        {record.disposed !== undefined && (
          <span className="chip wait">▲ Disposed of {fullTime(record.disposed)}: what is here came afterwards</span>
        )}
        {record.proposed !== undefined && <span className="chip wait">▲ Disposal proposed: it waits for approval</span>}
        {record.hold && <span className="chip wait">■ Legal hold: nothing of it may end</span>}
        {record.restricted && <span className="chip wait">▲ Restricted: {restrictionWords[record.restricted]}</span>}
        <button type="button" className="button" onClick={() => setDoing("copy")}>
          Make a copy{withheld.size > 0 && `, ${withheld.size} withheld`}
        </button>
        <button type="button" className="button quiet" onClick={() => setDoing("marks")}>
          Restriction and legal hold
        </button>
        {record.proposed === undefined && !record.hold && (
          <button type="button" className="button quiet" onClick={() => setDoing("disposal")}>
            Propose disposal
          </button>
        )}
        <button type="button" className="button quiet" onClick={() => setDoing("history")}>
          What was decided before
        </button>
      </div>
      <p className="soft">To be kept until {day(record.keepUntil)}.</p>
      <Scrolling label="Lines of the record">
        <table className="table">
          <caption className="words-only">Lines of the record</caption>
          <thead>
            <tr>
              <th scope="col">Withhold</th>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Details</th>
              <th scope="col">By</th>
            </tr>
          </thead>
          <tbody>
            {record.lines.map((line) => (
              <tr key={line.rootId}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Withhold ${line.title}`}
                    checked={withheld.has(line.rootId)}
                    onChange={() => toggle(line.rootId)}
                  />
                </td>
                <td>
                  <Instant at={line.occurredAt} />
                </td>
                <th scope="row">
                  {line.struck && <span className="chip">struck</span>} {line.title}
                </th>
                <td>{line.detail}</td>
                <td>{line.author}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
      {doing === "copy" && <CopyDialog opened={opened} withheld={[...withheld]} onMade={onChanged} onClose={done} />}
      {doing === "marks" && <MarksDialog opened={opened} onChanged={onChanged} onClose={done} />}
      {doing === "disposal" && <DisposalDialog opened={opened} onChanged={onChanged} onClose={done} />}
      {doing === "history" && (
        <HistoryDialog
          title="What was decided about this record"
          path={`/control/v1/records/${recordId}/history`}
          reason={reason}
          onClose={done}
        />
      )}
    </div>
  );
};
