import type { KnownEntry } from "#domain/kinds.ts";
import type { RecordLine } from "#domain/record.ts";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";

const earlier = [0, 1, 2, 5] as const;

interface TimeChipsProps {
  line: RecordLine;
  known: KnownEntry;
  onDone: () => void;
}

/** Moves an entry in time: to now, or some minutes before it was written. The clock's own time stays in `recorded`. */
export const TimeChips = ({ line, known, onDone }: TimeChipsProps) => {
  const { write } = useSession();
  const { entry, history } = line;
  const move = async (occurredAtMs: number) => {
    const occurredAt = new Date(occurredAtMs).toISOString();
    await write(known.kind, known.body, {
      occurredAt,
      amends: { id: entry.id, reason: `time corrected from ${clockTime(entry.occurredAt)}` },
      ...(entry.blobs ? { blobs: entry.blobs } : {}),
    });
    onDone();
  };
  // An amendment is written later than what it is about.
  const recordedMs = Date.parse((history[0] ?? entry).recorded.clock);
  return (
    <fieldset className="chips">
      <legend>Time, {clockTime(entry.occurredAt)}</legend>
      <button type="button" className="btn" onClick={() => void move(Date.now())}>
        Now
      </button>
      {earlier.map((minutes) => {
        const at = recordedMs - minutes * 60_000;
        return (
          <button
            key={minutes}
            type="button"
            className="btn"
            aria-pressed={Math.abs(at - Date.parse(entry.occurredAt)) < 30_000}
            aria-label={`${minutes === 0 ? "As written" : `${minutes} minutes before`}, ${clockTime(at)}`}
            onClick={() => void move(at)}
          >
            {minutes === 0 ? "As written" : `−${minutes}`} {clockTime(at)}
          </button>
        );
      })}
    </fieldset>
  );
};
